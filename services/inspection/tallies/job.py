"""Folding: many small changes of a count become one row."""

from __future__ import annotations

from sqlalchemy import Table, TextClause, text

from services.inspection.tables import Row
from services.inspection.tallies.model import FindingTally, HouseholdTally, OfficerTally
from shared.assembly import Runtime
from shared.database import Writer
from shared.identity.principal import system
from shared.jobs import Schedule

_MEASURES = frozenset({"households", "findings", "on_the_spot", "visited", "raised", "closed", "assigned"})


async def fold(db: Writer) -> None:
    """Leave one row for each count that is not nought; no count changes, and no writer waits."""
    for model in (HouseholdTally, FindingTally, OfficerTally):
        await db.execute(_folding(model))


def _folding(model: type[Row]) -> TextClause:
    # One statement: readers see the rows of before or the rows of after. Rows that are written meanwhile are not in
    # its snapshot and stay.
    table: Table = model.__table__  # type: ignore[attr-defined]
    names = [column.name for column in table.columns if column.name != "id"]
    measures = [name for name in names if name in _MEASURES]
    keys = ", ".join(name for name in names if name not in _MEASURES)
    sums = ", ".join(f"sum({name})" for name in measures)
    some = " OR ".join(f"sum({name}) <> 0" for name in measures)
    return text(
        f"""
        WITH gone AS (DELETE FROM {table.name} RETURNING *)
        INSERT INTO {table.name} ({keys}, {", ".join(measures)})
        SELECT {keys}, {sums} FROM gone GROUP BY {keys} HAVING {some}
        """  # noqa: S608 - names come from the mapped table
    )


async def fold_tallies(runtime: Runtime) -> None:
    """Fold all tallies."""
    async with runtime.database.writing(system(runtime.service.name)) as db:
        await fold(db)


FOLD_TALLIES = Schedule("inspection.fold_tallies", "41 * * * *", fold_tallies, in_rehearsals=True)
