"""Taking a set of states into a replica: one statement, in which what is older changes nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from types import MappingProxyType
from typing import Any, Generic, TypeVar

import orjson
from sqlalchemy import DateTime, Table, TextClause, text
from sqlmodel import Field, SQLModel

from shared.contracts.envelope import Contract
from shared.database import Writer

S = TypeVar("S", bound=Contract)
Values = dict[str, Any]
#: Subject and sequence.
Version = tuple[str, int]
NOBODY: Mapping[Version, datetime] = MappingProxyType({})


class Heard(SQLModel):
    """Known because its owner told of it: not this service's own truth, and changed by no command."""

    #: The owner's version of it.
    sequence: int
    #: When the owner last told of it, by the database's own clock: a rehearsal may play last year.
    heard_at: datetime = Field(
        default=None, sa_type=DateTime(timezone=True), sa_column_kwargs={"server_default": text("now()")}
    )


@dataclass(frozen=True)
class Below(Generic[S]):
    """Rows of what belongs to an aggregate, such as a household's people: those of its newest state, and no others."""

    model: type[SQLModel]
    #: The aggregate's id, and the row's own.
    key: tuple[str, str]
    rows: Callable[[S], Iterable[Values]]


@dataclass(frozen=True)
class Past:
    """What an aggregate was before, kept where something newer is told."""

    model: type[SQLModel]
    #: The aggregate's id.
    root: str
    #: SQL that inserts it, from the rows ``told`` and those that are there.
    keep: str


@dataclass(frozen=True)
class Replica(Generic[S]):
    """What a service keeps of one kind of foreign aggregate: a row each, and perhaps rows below it."""

    #: The event that carries the whole present state.
    of: type[S]
    #: A table that is ``Heard``.
    model: type[SQLModel]
    #: What the table holds of a state, besides its sequence.
    row: Callable[[S], Values]
    key: str = "id"
    below: Below[S] | None = None
    past: Past | None = None
    #: The event by which whatever is kept of it follows to another division, from the one it was in, on a day.
    moved: Callable[[S, str, date], Contract] | None = None

    def __hash__(self) -> int:
        return hash(self.of)

    @property
    def table(self) -> Table:
        """The table of the aggregates."""
        return table_of(self.model)

    def told(self, states: Iterable[S], told_at: Mapping[Version, datetime] = NOBODY) -> dict[str, str]:
        """Return the newest of these states as parameters of a statement: ``rows``, and ``below`` if there are any."""
        # One statement may not meet a key twice, and a batch of events may tell of one household several times.
        newest = {state.subject: state for state in sorted(states, key=lambda state: state.sequence)}
        # In the order of keys, as commands lock households: neither waits for the other in a circle.
        ordered = [newest[key] for key in sorted(newest)]
        rows = [
            {**self.row(state), "sequence": state.sequence, "told_at": told_at.get(version_of(state))}
            for state in ordered
        ]
        told = {"rows": _json(rows)}
        if self.below:
            told["below"] = _json([row for state in ordered for row in self.below.rows(state)])
        return told


async def take(
    db: Writer, replica: Replica[S], states: Iterable[S], *, told_at: Mapping[Version, datetime] = NOBODY
) -> None:
    """Keep the newest of each aggregate, with all that is below it; ``told_at`` for a table that keeps the moment."""
    await db.execute(_upsert(replica), replica.told(states, told_at))


def version_of(state: Contract) -> Version:
    """Return which state of which aggregate it is."""
    return state.subject, state.sequence


def table_of(model: type[SQLModel]) -> Table:
    """Return the table that a model is mapped to."""
    table: Table = model.__table__  # type: ignore[attr-defined]
    return table


def recordset(table: Table, parameter: str) -> str:
    """Return SQL that reads rows of a table from a JSON parameter: prepared once for any number of them."""
    return f"jsonb_populate_recordset(NULL::{table.name}, CAST(:{parameter} AS jsonb))"


def _json(rows: Sequence[Values]) -> str:
    return orjson.dumps(rows).decode()


def _columns(model: type[SQLModel]) -> list[str]:
    return [column.name for column in table_of(model).columns if column.name != "heard_at"]


def _changes(model: type[SQLModel], *key: str) -> str:
    return ", ".join(f"{name} = excluded.{name}" for name in _columns(model) if name not in key)


@cache
def _upsert(replica: Replica[Any]) -> TextClause:
    """Rows below follow only those aggregates that turned out to be news."""
    table, columns = replica.table, ", ".join(_columns(replica.model))
    past = f", past AS ({replica.past.keep})" if replica.past else ""
    news = f"""
        INSERT INTO {table.name} ({columns}) SELECT {columns} FROM told
        ON CONFLICT ({replica.key}) DO UPDATE SET {_changes(replica.model, replica.key)}, heard_at = now()
        WHERE excluded.sequence > {table.name}.sequence
    """  # noqa: S608 - names come from the mapped table, values are bound
    told = f"WITH told AS MATERIALIZED (SELECT * FROM {recordset(table, 'rows')}){past}"  # noqa: S608 - likewise
    if replica.below is None:
        return text(f"{told} {news}")
    below, (root, own) = table_of(replica.below.model), replica.below.key
    columns = ", ".join(_columns(replica.below.model))
    return text(
        f"""
        {told}, told_below AS MATERIALIZED (
            SELECT * FROM {recordset(below, "below")}
        ), news AS ({news} RETURNING {replica.key} AS root), gone AS (
            DELETE FROM {below.name}
            WHERE {root} IN (SELECT root FROM news) AND ({root}, {own}) NOT IN (SELECT {root}, {own} FROM told_below)
        )
        INSERT INTO {below.name} ({columns})
        SELECT {columns} FROM told_below WHERE {root} IN (SELECT root FROM news)
        ON CONFLICT ({root}, {own}) DO UPDATE SET {_changes(replica.below.model, root, own)}
        """  # noqa: S608 - names come from the mapped tables, values are bound
    )
