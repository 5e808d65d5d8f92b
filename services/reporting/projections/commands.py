"""Entering events into the read models, in sets; late and repeated events find their place by sequence."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import Table, text
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import SQLModel

from services.reporting.projections.model import FOREVER, Division
from shared.contracts.envelope import Contract, Event
from shared.contracts.household import DivisionState
from shared.database import Writer

C = TypeVar("C", bound=Contract)

#: Asyncpg takes at most 32,767 parameters a statement; a fact has fewer than twenty columns.
_CHUNK = 1000


async def enter(
    db: Writer, model: type[SQLModel], events: Sequence[Event[C]], columns: Callable[[C], dict[str, Any]]
) -> None:
    """Enter the states that events carry as facts; ``columns`` gives what the table has besides time and place."""
    table: Table = model.__table__  # type: ignore[attr-defined]
    rows = {(event.subject, event.sequence): _row(event, columns(event.data)) for event in events}
    fresh = list(rows.values())
    for start in range(0, len(fresh), _CHUNK):
        await db.execute(insert(table).on_conflict_do_nothing(), fresh[start : start + _CHUNK])
    await db.execute(_closing(table.name), {"ids": [row["id"] for row in fresh], "forever": FOREVER})


async def name_divisions(db: Writer, states: Sequence[DivisionState]) -> None:
    """Keep the divisions' names and days; the newest wins."""
    newest = {state.code: state for state in sorted(states, key=lambda state: state.version)}
    kept_as_told = ("code", "name", "level", "valid_from", "valid_until")
    rows = [
        {name: getattr(state, name) for name in kept_as_told} | {"sequence": state.version}
        for state in newest.values()
    ]
    upsert = insert(Division)
    kept = {name: upsert.excluded[name] for name in (*kept_as_told[1:], "sequence")}
    newer = upsert.excluded.sequence > Division.sequence
    await db.execute(upsert.on_conflict_do_update(index_elements=["code"], set_=kept, where=newer), rows)


def _row(event: Event[C], columns: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": UUID(event.subject),
        "sequence": event.sequence,
        "valid_from": event.time,
        "valid_to": FOREVER,
        "division_code": event.area,
        **columns,
    }


def _closing(table: str) -> Any:
    """Let each version end where the next one begins, in whatever order they came."""
    return text(
        f"""
        UPDATE {table} fact SET valid_to = later.begins
        FROM (
            SELECT id, sequence, coalesce(lead(valid_from) OVER (PARTITION BY id ORDER BY sequence), :forever)
            AS begins FROM {table} WHERE id = ANY(CAST(:ids AS uuid[])) ) later WHERE fact.id = later.id AND
            fact.sequence = later.sequence AND fact.valid_to <> later.begins
        """  # noqa: S608 - the name comes from the mapped table
    )
