"""Taking a set of states into a replica: one statement, in which what is older changes nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

import orjson
from sqlalchemy import Table, TextClause, text

from services.inspection.replicas.model import Division, Grid, Household, Monitored
from services.inspection.tables import Row
from shared.contracts.household import DivisionState, GridChanged, HouseholdState
from shared.contracts.monitoring import MonitoredState
from shared.database import Writer

#: Columns of the table; the rest are facts, but for what no visit needs.
_COLUMNS = {"id", "number", "division_code", "group_name", "kind", "head_name", "version"}
_UNNEEDED = {"members": {"__all__": {"number_index"}}}


async def take_divisions(db: Writer, states: Iterable[DivisionState]) -> None:
    """Keep the newest of each division."""
    rows = [{**state.model_dump(mode="json"), "sequence": state.version} for state in states]
    await _take(db, Division, "code", rows)


async def take_grids(db: Writer, states: Iterable[GridChanged]) -> None:
    """Keep the newest of each grid."""
    rows = [{**state.model_dump(mode="json"), "sequence": state.version} for state in states]
    await _take(db, Grid, "id", rows)


async def take_households(db: Writer, states: Iterable[HouseholdState]) -> None:
    """Keep the newest of each household."""
    rows = [
        {
            **state.model_dump(mode="json", include=_COLUMNS),
            "facts": state.model_dump(mode="json", exclude=_COLUMNS | _UNNEEDED.keys())
            | state.model_dump(mode="json", include={"members"}, exclude=_UNNEEDED),
            "inhabited": state.merged_into is None and any(each.left_on is None for each in state.members),
            "sequence": state.version,
        }
        for state in states
    ]
    await _take(db, Household, "id", rows)


async def take_monitored(db: Writer, states: Iterable[MonitoredState]) -> None:
    """Keep the newest of each monitored object."""
    rows = [{**state.model_dump(mode="json"), "sequence": state.version} for state in states]
    await _take(db, Monitored, "id", rows)


async def _take(db: Writer, model: type[Row], key: str, rows: Sequence[dict[str, Any]]) -> None:
    # One statement may not meet a key twice, and a batch of events may tell of one household several times.
    # In order of the key, as visits lock households: neither waits for the other in a circle.
    newest = {row[key]: row for row in sorted(rows, key=lambda row: row["sequence"])}
    ordered = [newest[key] for key in sorted(newest)]
    await db.execute(_upsert(model, key), {"rows": orjson.dumps(ordered).decode()})


@cache
def _upsert(model: type[Row], key: str) -> TextClause:
    """Return a statement with one parameter for the whole set, so that it is prepared once for any number."""
    table: Table = model.__table__  # type: ignore[attr-defined]
    columns = [column.name for column in table.columns]
    changed = ", ".join(f"{name} = excluded.{name}" for name in columns if name != key)
    return text(
        f"""
        INSERT INTO {table.name} ({", ".join(columns)})
        SELECT {", ".join(columns)} FROM jsonb_populate_recordset(NULL::{table.name}, CAST(:rows AS jsonb))
        ON CONFLICT ({key}) DO UPDATE SET {changed} WHERE excluded.sequence > {table.name}.sequence
        """  # noqa: S608 - names come from the mapped table, values are bound
    )
