"""Asking a rule of everybody at once: one statement, whatever the number of households."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from services.monitoring.replicas.past import registry_at
from services.monitoring.rulebook.conditions import Parameters
from services.monitoring.rulebook.documents import Rule, Version
from services.monitoring.rulebook.facts import facts_sql
from services.monitoring.rulebook.gathering import Gathered
from shared.database.places import inside_sql
from shared.domain.dated import in_force

#: A hit for the part of a statement that chose none.
_NEVER = "false"


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Of whom a rule is asked, and as of when."""

    on: date
    #: As monitoring knew the registry then; None: now.
    moment: datetime | None = None
    division: str | None = None
    household_ids: Collection[UUID] | None = None
    #: Of those alone of whom rows were gathered.
    gathered: Gathered | None = None
    #: By figure, the batches whose rows it is made of.
    batches: Mapping[str, Sequence[UUID]] = field(default_factory=dict)

    def narrowed(self, rule: Rule) -> tuple[str, dict[str, Any]]:
        """Return the joins of the rule's figures and the conditions on who is asked, and their values."""
        conditions = ["true"]
        values: dict[str, Any] = {
            f"{name}_batches": list(self.batches.get(name, ())) for name in rule.figures
        }
        if rule.meaning == "instability":
            conditions.append("NOT w.under_watch")
        if self.division:
            conditions.append(inside_sql("h.division_code", self.division))
        if self.household_ids is not None:
            conditions.append("h.id = ANY(:household_ids)")
            values["household_ids"] = list(self.household_ids)
        return f"{self._joins(rule)} WHERE " + " AND ".join(conditions), values

    def _joins(self, rule: Rule) -> str:
        if self.gathered is None:
            # A past is asked of who people were then.
            rows = "comparison_outcome" if self.moment else "comparison_outcome_now"
            return "".join(
                figure.join(name, rule.outcome, rows=rows) for name, figure in rule.figures.items()
            )
        others = rule.figures.keys() - self.gathered.columns.keys()
        return self.gathered.join() + "".join(
            rule.figures[name].join(name, rule.outcome) for name in sorted(others)
        )


@dataclass(frozen=True, slots=True)
class Asked:
    """Common table expressions up to ``facts``: a line a subject with its facts, and the values that they bind."""

    ctes: str
    values: dict[str, Any]


def asked(rule: Rule, versions: Collection[Version], question: Question) -> Asked:
    """Return the facts that these versions need of everybody who is asked."""
    registry = registry_at(question.moment)
    narrowed, values = question.narrowed(rule)
    known = rule.known
    sql, given = facts_sql(
        {name: known[name] for name in sorted(frozenset().union(*(version.facts for version in versions)))},
        rule.subject,
        question.on,
        households=registry.households,
        persons=registry.persons,
        narrowed=narrowed,
        further=", gathered.batch" if question.gathered else "",
    )
    # Of those who are near each fact is told once, and no condition on it moves into a scan of the whole county.
    once = "MATERIALIZED " if question.gathered else ""
    return Asked(f"{registry.before} facts AS {once}({sql})", values | given | registry.parameters)


@dataclass
class Judgement:
    """What versions of a rule say of a line of facts, each in its place: expressions, and the values that they bind."""

    hit: str
    #: Too little is known to say.
    open: str
    #: Which version judged: its name.
    version: str
    #: The facts that it was given, as one object.
    inputs: str
    values: dict[str, Any] = field(default_factory=dict)


def judgement(rule: Rule, versions: Sequence[Version], on: date, *, prefix: str = "v") -> Judgement:
    """Return the judgement of the versions that hold on a day: the nearest place's counts."""
    parameters = Parameters(prefix, rule.kinds)
    hits, names, inputs = [], [], []
    for version in reversed(in_force(versions, on)):
        here = inside_sql("division_code", version.area) if version.area else "true"
        hits.append(f"WHEN {here} THEN {version.sql(parameters)}")
        names.append(f"WHEN {here} THEN {parameters.bind(version.version, 'text')}")
        inputs.append(f"WHEN {here} THEN {inputs_sql(version.facts)}")
    if not hits:
        return Judgement(_NEVER, _NEVER, "NULL", "'{}'::jsonb")
    # Three-valued: unknown where what is not known could make the difference.
    said = f"CASE {' '.join(hits)} ELSE false END"
    return Judgement(
        f"coalesce({said}, false)",
        f"({said}) IS NULL",
        f"CASE {' '.join(names)} END",
        f"CASE {' '.join(inputs)} END",
        parameters.values,
    )


def inputs_sql(names: Collection[str]) -> str:
    """Return the facts of those names as one JSON object."""
    return "jsonb_build_object(" + ", ".join(f"'{name}', \"{name}\"" for name in sorted(names)) + ")"


def thresholds_of(version: Version) -> Mapping[str, Any]:
    """Return a version's thresholds as they are kept with a hit."""
    shown: Mapping[str, Any] = version.model_dump(mode="json", include={"thresholds"})["thresholds"]
    return shown
