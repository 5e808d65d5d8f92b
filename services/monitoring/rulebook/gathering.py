"""What rows say of each of whom batches tell, gathered once into a table of the transaction before a rule is asked.

The rows of a batch have just come: PostgreSQL knows nothing of them, and would read a whole county to ask about ten
people. What is gathered of them is small, only who can be hit is among it, and it has statistics.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import text

from services.monitoring.rulebook.documents import Rule, Version
from services.monitoring.rulebook.figures import about_sql, column_of
from shared.database import Writer

_GATHER = """
    CREATE TEMPORARY TABLE gathered ON COMMIT DROP AS
    SELECT {key} AS about, {batch} AS batch{figures} FROM comparison_result
    WHERE comparison_id = ANY(:gathered) AND outcome = 'matched'{named} GROUP BY {key} HAVING {having}
    """
#: Of rows that it takes for a handful the planner would sort a million.
_BY_HASH = text("SET LOCAL enable_sort = off")
_ANALYZE, _DROP = text("ANALYZE gathered"), text("DROP TABLE gathered")


class Told(NamedTuple):
    """Batches of departments, and by what those are found in their rows of whom a rule is asked.

    Whom one of them tells of is asked if one of ``telling`` does so, too: the newest of those is the hit's ``batch``.
    """

    batches: Sequence[UUID]
    telling: Sequence[UUID]
    by: str
    #: Only those who are named, by their keys; None: all.
    about: Sequence[Any] | None = None


def key_of(rule: Rule, per: str) -> str:
    """Return by what a rule's subjects are found in rows: in rows about persons, a household by its own."""
    return "household" if (per, rule.subject) == ("person", "household") else per


@asynccontextmanager
async def gathered(
    db: Writer, rule: Rule, versions: Collection[Version], told: Told, batches: Mapping[str, Sequence[UUID]]
) -> AsyncIterator[None]:
    """Keep what rows say in the table ``gathered`` while a rule is asked.

    ``batches`` are, by figure, those whose rows it is made of.
    """
    sql, values = _gathering(rule, versions, told, batches)
    for statement in (_BY_HASH, text(sql).bindparams(**values), _ANALYZE):
        await db.execute(statement)
    yield
    await db.execute(_DROP)


def _gathering(
    rule: Rule, versions: Collection[Version], told: Told, batches: Mapping[str, Sequence[UUID]]
) -> tuple[str, dict[str, Any]]:
    figures = {name: figure for name, figure in rule.figures.items() if figure.per == told.by}
    rows = _Rows({"telling": told.telling, "told": told.batches} | {name: batches[name] for name in figures})
    taken = {name: figure.taken(rows.of(name)) for name, figure in figures.items()}
    asked_of = [f"bool_or({condition})" for name in ("telling", "told") if (condition := rows.of(name))]
    can_be_hit = list(_bounds(versions, taken, rows.values))
    named = ""
    if told.about is not None:
        named = f" AND {about_sql(told.by)}"
        rows.values["about"] = list(told.about)
    sql = _GATHER.format(
        key=column_of(told.by),
        batch=_newest(told.telling, rows),
        figures="".join(f", {value} AS q_{name}" for name, value in taken.items()),
        named=named,
        having=" AND ".join(asked_of + can_be_hit) or "true",
    )
    return sql, rows.values


class _Rows:
    """The rows of all batches that are read together, and conditions that tell those of some of them."""

    def __init__(self, batches: Mapping[str, Sequence[UUID]]) -> None:
        self._batches = batches
        self._all = frozenset[UUID]().union(*batches.values())
        self.values: dict[str, Any] = {"gathered": list(self._all)}

    def of(self, name: str) -> str:
        """Return the condition on rows of the batches of that name: nothing, where it leaves out none."""
        if self._all == set(self._batches[name]):
            return ""
        self.values[f"{name}_batches"] = list(self._batches[name])
        return f"comparison_id = ANY(:{name}_batches)"


def _bounds(versions: Collection[Version], taken: Mapping[str, str], values: dict[str, Any]) -> Iterator[str]:
    """Leave only whom a version may hit: of whom all know the figure, and as much as one of them needs at least."""
    for name, value in taken.items():
        if not all(name in version.needed for version in versions):
            continue
        least = _least([version.least(name) for version in versions])
        if least is None:
            yield f"{value} IS NOT NULL"
        else:
            values[f"{name}_least"] = least
            yield f"{value} >= CAST(:{name}_least AS numeric)"


def _newest(telling: Sequence[UUID], rows: _Rows) -> str:
    if len(telling) == 1:
        rows.values["newest"] = telling[0]
        return "CAST(:newest AS uuid)"
    # PostgreSQL orders these keys, and knows no greatest of them.
    condition = rows.of("telling")
    only = f" FILTER (WHERE {condition})" if condition else ""
    return f"CAST(max(CAST(comparison_id AS text)){only} AS uuid)"


def _least(amounts: Sequence[Decimal | None]) -> Decimal | None:
    bounds = [amount for amount in amounts if amount is not None]
    return min(bounds) if len(bounds) == len(amounts) and bounds else None
