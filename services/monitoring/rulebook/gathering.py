"""What rows say of each of whom batches tell, gathered once into a table of the transaction before a rule is asked.

The rows of a batch have just come: PostgreSQL knows nothing of them, and would read a whole county to ask about ten
people. What is gathered of them is small, only who can be hit is among it, and it has statistics.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

import polars as pl
from sqlalchemy import text

from services.monitoring.batches.matched import stand_in_blocks
from services.monitoring.replicas.past import NOW
from services.monitoring.rulebook.bounds import Least, least_of
from services.monitoring.rulebook.documents import Rule, Version
from services.monitoring.rulebook.facts import facts_sql
from services.monitoring.rulebook.figures import Taken, about_sql, column_of, joined_by, taken_sql
from services.monitoring.rulebook.summing import Columns, Of, Sums, adds_up, is_at_least, summed_sql
from shared.database import Reader, Writer

#: Figures are reckoned once each, and then weighed: OFFSET keeps the planner from putting them into each condition.
#: First against the least that is asked of anybody, then of those that are near against what is asked of them.
_GATHER = """
    CREATE TEMPORARY TABLE gathered ON COMMIT DROP AS
    WITH near AS MATERIALIZED (
        SELECT * FROM (
            SELECT {key} AS about, {batch} AS batch{figures} FROM comparison_outcome_now
            WHERE comparison_id = ANY(:gathered) AND outcome = '{outcome}'{named}
            GROUP BY {key} HAVING {asked_of} OFFSET 0
        ) taken WHERE {is_near}){sooner}
    SELECT * FROM near WHERE {can_be_hit}
    """
#: The same of sums that come from columns, of those that are near.
_GATHER_SUMMED = """
    CREATE TEMPORARY TABLE gathered ON COMMIT DROP AS
    WITH near AS MATERIALIZED (SELECT about, batch{figures} FROM summed){sooner}
    SELECT * FROM near WHERE {can_be_hit}
    """
#: Rows that the planner takes for a handful, and would fetch one by one in the order of a key, to sort a million.
_AS_THEY_LIE = text(
    "SELECT set_config('enable_sort', 'off', true), set_config('enable_indexscan', 'off', true)"
)
_AS_USUAL = text("SET LOCAL enable_indexscan = on")
#: Of whom less is asked than of others: of many rows, everybody of the county; of fewer, those that are near.
_SOONER = ', {name} AS MATERIALIZED (SELECT {key} AS about FROM ({facts}) known WHERE "{by}" = ANY(:{name}))'
#: As one array, since of a county that has just come there are no statistics: a loop over it was chosen, which looked
#: through the whole county for each of them.
_OF_THOSE_NEAR = "WHERE {key} = ANY(ARRAY(SELECT about FROM near))"
#: A county is looked through in the time that it takes to look 20,000 people up, who are near in so many rows.
_MANY = 200_000
_ROWS = text("SELECT coalesce(sum(rows), 0) FROM comparison_part WHERE comparison_id = ANY(:telling)")
_ANALYZE, _DROP = text("ANALYZE gathered"), text("DROP TABLE gathered")
_DROP_SUMMED = text("DROP TABLE summed")


class Told(NamedTuple):
    """Batches of departments, and by what those are found in their rows of whom rules are asked.

    Whom one of them tells of is asked about if one of ``telling`` does so, too: the newest of those is the hit's
    ``batch``.
    """

    batches: Sequence[UUID]
    telling: Sequence[UUID]
    by: str
    #: Only those who are named, by their keys; None: all.
    about: Sequence[Any] | None = None
    #: What became of the rows that are looked at.
    outcome: str = "matched"
    #: The same as columns, of rows that were matched.
    columns: Columns | None = None


class Wanted(NamedTuple):
    """A rule that is to be asked: as of when, the versions that hold then, and, by figure, the batches of its rows."""

    rule: Rule
    on: date
    versions: Sequence[Version]
    batches: Mapping[str, Sequence[UUID]]


class Gathered(NamedTuple):
    """What was gathered for a rule: by what those are found of whom it is asked, and each figure's column."""

    by: str
    columns: Mapping[str, str]

    def join(self) -> str:
        """Return the join with those of whom something was gathered, as a figure's own join would bring it."""
        figures = "".join(f", {column} AS q_{name}" for name, column in self.columns.items())
        return f"""
            JOIN (SELECT about, batch{figures} FROM gathered) gathered ON gathered.about = {joined_by(self.by)}
            """  # noqa: S608 - names of this module; those of figures are checked to be names


def key_of(rule: Rule, per: str) -> str:
    """Return by what a rule's subjects are found in rows: in rows about persons, a household by its own."""
    return "household" if (per, rule.subject) == ("person", "household") else per


@asynccontextmanager
async def gathered(db: Writer, wanted: Sequence[Wanted], told: Told) -> AsyncIterator[Sequence[Gathered]]:
    """Keep what rows say in the table ``gathered`` while rules are asked, all of which read the same rows."""
    if not wanted:
        yield ()
        return
    is_of_many = told.about is None and await db.scalar(_ROWS, {"telling": list(told.telling)}) >= _MANY
    gathering = _Gathering(wanted, told, of_many=is_of_many)
    if sums := await gathering.sums(db):
        await sums.keep(db, (await sums.read(db)).filter(gathering.are_near()))
        for statement in (text(gathering.of_sums()).bindparams(**gathering.values), _DROP_SUMMED):
            await db.execute(statement)
    else:
        for statement in (_AS_THEY_LIE, text(gathering.of_rows()).bindparams(**gathering.values), _AS_USUAL):
            await db.execute(statement)
    await db.execute(_ANALYZE)
    yield [Gathered(told.by, columns) for columns in gathering.columns]
    await db.execute(_DROP)


def _needs(wanted: Wanted, columns: Mapping[str, str]) -> Iterator[tuple[str, str, Least | None]]:
    """Give the figures that all versions of a rule need: name, column, and how much is asked, where it is an amount."""
    for name, column in columns.items():
        if all(name in version.needed for version in wanted.versions):
            yield name, column, least_of(wanted.versions, name)


#: How a figure's column is weighed against what versions ask at least, whose value is bound by that name.
_Weighing = Callable[[str, str, Wanted, Least], str]


class _Gathering:
    """The statement that gathers, and the values that it binds."""

    def __init__(self, wanted: Sequence[Wanted], told: Told, *, of_many: bool) -> None:
        self._wanted, self._told, self._of_many = wanted, told, of_many
        #: What is taken of which batches' rows, and in which column: rules share what is the same.
        self._taken: dict[tuple[Taken, frozenset[UUID]], str] = {}
        #: By rule, the column of each figure that the same rows tell of.
        self.columns = [
            {
                name: self._column(figure.taken, each.batches[name])
                for name, figure in each.rule.figures.items()
                if figure.per == told.by
            }
            for each in wanted
        ]
        self._batches = {column: batches for (_, batches), column in self._taken.items()}
        self._batches["telling"] = frozenset(told.telling)
        if told.about is None:
            self._batches["told"] = frozenset(told.batches)
        self._all = frozenset[UUID]().union(*self._batches.values())
        self.values: dict[str, Any] = {}
        #: Of whom less is asked, by what decides on that: a name, and the query.
        self._sooner: dict[tuple[str, ...], tuple[str, str]] = {}

    def _column(self, taken: Taken, batches: Sequence[UUID]) -> str:
        return self._taken.setdefault((taken, frozenset(batches)), f"taken_{len(self._taken)}")

    async def sums(self, db: Reader) -> Sums | None:
        """Return what is to be added up of columns; None where they do not tell all that is gathered."""
        told = self._told
        if told.columns is None or not all(adds_up(taken) for taken, _ in self._taken):
            return None
        if not await stand_in_blocks(db, self._all):
            return None
        figures = {column: Of(*of) for of, column in self._taken.items()}
        return Sums(told.columns, figures, sorted(told.telling), told.batches if told.about is None else None)

    def are_near(self) -> pl.Expr:
        """Return the condition on sums that a rule may hit somebody, by the least that it asks of anybody."""
        of_rules = [
            [
                is_at_least(column, least.amount if least else None)
                for _, column, least in _needs(wanted, columns)
            ]
            for wanted, columns in zip(self._wanted, self.columns, strict=True)
        ]
        return pl.any_horizontal(map(pl.all_horizontal, of_rules)) if all(of_rules) else pl.lit(value=True)

    def of_sums(self) -> str:
        """Return the statement that gathers of the sums that are kept."""
        self.values = {}
        can_be_hit = self._weighed(self._asked_of_them)
        return _GATHER_SUMMED.format(
            sooner="".join(sql for _, sql in self._sooner.values()),
            figures="".join(f", {summed_sql(taken, column)}" for (taken, _), column in self._taken.items()),
            can_be_hit=can_be_hit,
        )

    def of_rows(self) -> str:
        """Return the statement that gathers of the rows themselves."""
        self.values = {"gathered": list(self._all)}
        asked_of = ("telling", "told") if self._told.about is None else ("telling",)
        figures = {column: taken_sql(taken, self._only(column)) for (taken, _), column in self._taken.items()}
        named = ""
        if self._told.about is not None:
            named = f" AND {about_sql(self._told.by)}"
            self.values["about"] = list(self._told.about)
        is_near, can_be_hit = self._weighed(self._least), self._weighed(self._asked_of_them)
        return _GATHER.format(
            sooner="".join(sql for _, sql in self._sooner.values()),
            key=column_of(self._told.by),
            batch=self._newest(),
            outcome=self._told.outcome,
            figures="".join(f", {value} AS {column}" for column, value in figures.items()),
            named=named,
            asked_of=" AND ".join(f"bool_or({only})" for each in asked_of if (only := self._only(each)))
            or "true",
            is_near=is_near,
            can_be_hit=can_be_hit,
        )

    def _only(self, name: str) -> str:
        """Return the condition on rows of the batches of that name: nothing, where it leaves out none."""
        if self._all == self._batches[name]:
            return ""
        self.values[f"{name}_batches"] = list(self._batches[name])
        return f"comparison_id = ANY(:{name}_batches)"

    def _weighed(self, against: _Weighing) -> str:
        """Return the condition that one of the rules may hit somebody, by what they ask of their figures."""
        of_rules = [
            " AND ".join(
                against(f"bound_{place}_{name}", column, wanted, least) if least else f"{column} IS NOT NULL"
                for name, column, least in _needs(wanted, columns)
            )
            for place, (wanted, columns) in enumerate(zip(self._wanted, self.columns, strict=True))
        ]
        return " OR ".join(f"({each})" for each in of_rules) if all(of_rules) else "true"

    def _least(self, bound: str, column: str, _wanted: Wanted, least: Least) -> str:
        self.values[bound] = least.amount
        return f"{column} >= CAST(:{bound} AS numeric)"

    def _asked_of_them(self, bound: str, column: str, wanted: Wanted, least: Least) -> str:
        at_least = self._least(bound, column, wanted, least)
        if not least.sooner or least.by in wanted.rule.figures:
            return at_least
        self.values[f"{bound}_of_most"] = least.of_most
        of_most = f"{column} >= CAST(:{bound}_of_most AS numeric)"
        return f"({of_most} OR {at_least} AND {self._is_sooner(wanted, least)})"

    def _is_sooner(self, wanted: Wanted, least: Least) -> str:
        """Return the condition that less is asked of somebody than of most; rules look once for whom they share."""
        rule, key = wanted.rule, (wanted.rule.subject, least.by, *least.sooner)
        if key not in self._sooner:
            name = f"sooner_{len(self._sooner)}"
            by = self._told.by
            facts, values = facts_sql(
                {least.by: rule.known[least.by]},
                rule.subject,
                wanted.on,
                households=NOW.households,
                persons=NOW.persons,
                narrowed="" if self._of_many else _OF_THOSE_NEAR.format(key=joined_by(by)),
            )
            self.values |= values | {name: least.sooner}
            self._sooner[key] = name, _SOONER.format(name=name, key=column_of(by), facts=facts, by=least.by)
        return f"about IN (SELECT about FROM {self._sooner[key][0]})"  # noqa: S608 - a name of ours

    def _newest(self) -> str:
        if len(self._told.telling) == 1:
            self.values["newest"] = self._told.telling[0]
            return "CAST(:newest AS uuid)"
        # PostgreSQL orders these keys, and knows no greatest of them.
        only = self._only("telling")
        return f"CAST(max(CAST(comparison_id AS text)){f' FILTER (WHERE {only})' if only else ''} AS uuid)"
