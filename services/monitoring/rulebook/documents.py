"""A rule as a document: what it asks, since when, where, on whose word, and examples that it must get right."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Annotated, Any, Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, model_validator

from services.monitoring.rulebook.conditions import (
    Clause,
    Condition,
    Language,
    Parameters,
    Threshold,
    each_condition,
)
from services.monitoring.rulebook.facts import Fact, Kind, Subject, as_given, facts
from services.monitoring.rulebook.figures import Figure
from services.monitoring.rulebook.flaws import Flaw, unsound
from shared.domain.codes import Coded
from shared.domain.dated import DatedRule
from shared.domain.division import within

#: ``warning``: a household nobody watches may be at risk. ``instability``: an eliminated risk may be back.
#: ``doubt``: a negative list names somebody (负面清单): to be explained, no verdict.
Meaning = Literal["warning", "instability", "doubt"]


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Example(_Strict):
    """A case, as far as it is known, and whether the rule must hit it."""

    zh: str
    given: Mapping[str, Any]
    hit: bool

    def faults(self, known: Mapping[str, Fact]) -> Iterator[Flaw]:
        """Name facts that there are not, and values that they never have."""
        for name in sorted(self.given.keys() - known.keys()):
            english = f"example “{self.zh}”: there is no fact {name!r} here"
            yield Flaw(english, f"示例“{self.zh}”：没有 {name!r} 这项事实")
        for name, value in self.given.items():
            if name in known and value is not None and not known[name].takes(value):
                english = f"example “{self.zh}”: {name!r} is never {value!r}"
                yield Flaw(english, f"示例“{self.zh}”：{name!r} 不会是 {value!r}")


class Version(DatedRule):
    """What a rule asks in a place from a day on."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    thresholds: Mapping[str, Threshold] = Field(default_factory=dict)
    #: All must hold.
    if_: Annotated[tuple[Clause, ...], Field(alias="if", min_length=1)]
    #: None may hold.
    unless: tuple[Clause, ...] = ()
    #: At least one that is hit, and one that is not.
    examples: Annotated[tuple[Example, ...], Field(min_length=2)]

    @property
    def facts(self) -> frozenset[str]:
        """The facts that it needs."""
        return frozenset().union(*(clause.facts for clause in (*self.if_, *self.unless)))

    @property
    def needed(self) -> frozenset[str]:
        """The facts without which nobody is hit."""
        return frozenset(clause.fact for clause in self.if_ if isinstance(clause, Condition))

    def hits(self, given: Mapping[str, Any]) -> bool:
        """Tell whether it hits a case; what is not known makes no condition true."""
        return all(clause.holds(given, self.thresholds) is True for clause in self.if_) and not any(
            clause.holds(given, self.thresholds) is True for clause in self.unless
        )

    def sql(self, parameters: Parameters) -> str:
        """Return the same as SQL on a table of facts."""
        conditions = [clause.sql(parameters, self.thresholds) for clause in self.if_]
        conditions += [
            f"NOT coalesce({clause.sql(parameters, self.thresholds)}, false)" for clause in self.unless
        ]
        return "(" + " AND ".join(conditions) + ")"

    def why(self, given: Mapping[str, Any], known: Mapping[str, Fact], language: Language) -> list[str]:
        """Tell of a hit: each condition that held, with what was the case."""
        return [
            condition.words(given, self.thresholds, known, language)
            for condition in each_condition(self.if_)
            if condition.holds(given, self.thresholds)
        ]

    def faults(self, known: Mapping[str, Fact]) -> Iterator[Flaw]:
        """Say what is wrong with it: names, kinds, examples."""
        conditions = list(each_condition((*self.if_, *self.unless)))
        named = [fault for condition in conditions for fault in condition.faults(known, self.thresholds)]
        yield from named
        if {example.hit for example in self.examples} != {True, False}:
            english = "show at least one example that is hit, and one that is not"
            yield Flaw(english, "示例中至少一例命中、一例不命中")
        for example in self.examples:
            misfits = list(example.faults(known))
            yield from misfits
            if not named and not misfits and self.hits(as_given(known, example.given)) != example.hit:
                english = f"example “{example.zh}” is {'not ' if example.hit else ''}hit"
                yield Flaw(english, f"示例“{example.zh}”实际{'未' if example.hit else ''}命中")


class Rule(_Strict):
    """A rule with all its versions."""

    id: str
    zh: str
    en: str
    subject: Subject
    meaning: Meaning
    #: Of the clue that a hit becomes; for an instability without one, it is the risk that was eliminated last.
    risk_type: Annotated[str, Coded("risk_type")] | None = None
    #: What it draws from departments' rows; a rule that has some is asked when one of their batches comes.
    figures: Mapping[Annotated[str, Field(pattern=r"^[a-z][a-z_]*$")], Figure] = Field(default_factory=dict)
    versions: tuple[Version, ...]

    @model_validator(mode="after")
    def _is_sound(self) -> Self:
        if self.meaning == "warning" and self.risk_type is None:
            raise unsound(Flaw("a warning names the type of risk", "预警须写明风险类型").of(self.id))
        if self.subject == "departed" and not (self.meaning == "doubt" and self.figures):
            english = "of whoever has left a department's rows raise doubts, and nothing else"
            raise unsound(Flaw(english, "对已不在册的人员，部门数据只能产生疑点").of(self.id))
        if taken := self.figures.keys() & facts().keys():
            names = ", ".join(sorted(taken))
            raise unsound(
                Flaw(f"these facts are there already: {names}", f"已有同名事实：{names}").of(self.id)
            )
        faults = [
            fault.of(f"{self.id} {version.version}")
            for version in self.versions
            for fault in version.faults(self.known)
        ]
        if faults:
            raise unsound(*faults)
        return self

    @property
    def known(self) -> Mapping[str, Fact]:
        """The facts that it may ask: of a household's rule, those of the household."""
        may_ask = {
            name: fact
            for name, fact in facts().items()
            if self.subject != "household" or fact.of == "household"
        }
        return may_ask | {name: figure.as_fact(name) for name, figure in self.figures.items()}

    def may_hold_in(self, division: str) -> bool:
        """Tell whether a version of it holds somewhere in a division, ever."""
        areas = [version.area for version in self.versions]
        return any(area is None or within(division, area) or within(area, division) for area in areas)

    @property
    def told_by(self) -> frozenset[str]:
        """The datasets whose batches let it be asked; none: it is asked of the registry alone."""
        return frozenset().union(*(figure.datasets for figure in self.figures.values()))

    @property
    def outcome(self) -> str:
        """What became of the rows that its figures are made of."""
        return "departed" if self.subject == "departed" else "matched"

    @property
    def kinds(self) -> Mapping[str, Kind]:
        """The kinds of those facts."""
        return {name: fact.kind for name, fact in self.known.items()}


@dataclass(frozen=True, slots=True)
class Hit:
    """What is kept of a hit, so that “why” can be answered for ever: the version as it was, and what it was given."""

    rule: Rule
    version: Version
    inputs: Mapping[str, Any]

    def explained(self, language: Language) -> dict[str, Any]:
        """Tell why, in one language."""
        return {
            "rule": self.rule.zh if language == "zh" else self.rule.en,
            "reasons": self.version.why(as_given(self.rule.known, self.inputs), self.rule.known, language),
        }


@cache
def shipped_rules() -> Mapping[str, Rule]:
    """Return the rules that come with the service, by id: one YAML file each."""
    folder = files(__package__).joinpath("rules")
    read = sorted(
        (file.name, file.read_text("utf-8")) for file in folder.iterdir() if file.name.endswith(".yaml")
    )
    rules = [
        Rule.model_validate({"id": name.removesuffix(".yaml"), **yaml.safe_load(text)}) for name, text in read
    ]
    return {rule.id: rule for rule in rules}


def hit_of(known: Mapping[str, Rule], rule: str, version: str, inputs: Mapping[str, object]) -> Hit | None:
    """Return a hit as it can be explained; None of a rule or version that is no more."""
    if rule not in known:
        return None
    found = next((each for each in known[rule].versions if each.version == version), None)
    return Hit(known[rule], found, inputs) if found else None
