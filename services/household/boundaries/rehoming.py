"""Households into another village, some hundred at a time: their rows, their numbers, their past, their news."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import TextClause, text
from sqlmodel import col, select

from services.household.boundaries.queries import moving
from services.household.boundaries.schemas import Move
from services.household.households.commands import number_for
from services.household.households.model import Household
from services.household.households.telling import tell
from services.household.tables import Row
from shared.contracts.household import HouseholdRehomed
from shared.database import Writer

#: Households a transaction.
BATCH = 500
_KEEP_NUMBERS = text(
    """
    UPDATE household_number held SET division_code = :to_code WHERE household_id = ANY(:ids)
        AND NOT EXISTS (SELECT FROM household_number t WHERE t.division_code = :to_code AND t.number = held.number)
    RETURNING household_id
    """
)
_NEW_NUMBERS = text(
    """
    UPDATE household_number SET division_code = :to_code, number = given.number
    FROM unnest(CAST(:ids AS uuid[]), CAST(:numbers AS text[])) given (id, number) WHERE household_id = given.id
    """
)
_HOUSEHOLDS = text(
    """
    UPDATE household SET division_code = CAST(:to_code AS text), number = held.number, grid_id = (
        SELECT id FROM grid g WHERE g.division_code = CAST(:to_code AS text) AND g.closed_on IS NULL
            AND (g.id = household.grid_id OR g.groups @> ARRAY[household.group_name])
        ORDER BY g.id = household.grid_id DESC LIMIT 1)
    FROM household_number held WHERE household.id = ANY(:ids) AND held.household_id = household.id
    """
)


async def rehome(db: Writer, move: Move, *, on: date) -> int:
    """Move the next households, each with all its rows; returns how many, nought when all are there.

    A number that is taken in the new village gives way to one made of the household's id; history tells the old one.
    """
    wanted = select(Household).where(moving(move)).order_by(col(Household.id)).limit(BATCH)
    households = await db.all(wanted.with_for_update().execution_options(populate_existing=True))
    if not households:
        return 0
    ids = [household.id for household in households]
    place = {"ids": ids, "to_code": move.to_code}
    kept = {key for (key,) in await db.rows(_KEEP_NUMBERS, place)}
    await _number_anew(db, [each for each in households if each.id not in kept], move.to_code)
    await db.execute(_HOUSEHOLDS, place)
    for statement in _of_households():
        await db.execute(statement, place)
    await _tell(db, ids, move, on)
    return len(ids)


async def _number_anew(db: Writer, households: list[Household], to_code: str) -> None:
    if households:
        numbers = [number_for(each.id, to_code) for each in households]
        given = {"ids": [each.id for each in households], "numbers": numbers, "to_code": to_code}
        await db.execute(_NEW_NUMBERS, given)


async def _tell(db: Writer, ids: list[UUID], move: Move, on: date) -> None:
    """Tell of the households as they are now, and those who had them that they are gone."""
    await db.history_follows(Household, ids)
    await tell(db, changed=ids)
    versions = await db.rows(
        select(col(Household.id), col(Household.version)).where(col(Household.id).in_(ids))
    )
    db.record(
        *(
            HouseholdRehomed(
                household_id=key,
                division_code=move.from_code,
                into_code=move.to_code,
                happened_on=on,
                version=version,
            )
            for key, version in versions
        )
    )


def _of_households() -> list[TextClause]:
    """Return a statement for each table whose rows belong to a household and stand in its village."""
    tables = [each for each in Row.metadata.sorted_tables if each.info.get("root") == "household_id"]
    return [
        text(f"UPDATE {table.name} SET division_code = :to_code WHERE household_id = ANY(:ids)")  # noqa: S608 - mapped tables
        for table in tables
        if "division_code" in table.columns
    ]
