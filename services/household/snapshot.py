"""All that the other services keep of the registry, as its events would tell it now."""

from __future__ import annotations

from collections.abc import AsyncIterator

from sqlalchemy import select as select_columns
from sqlmodel import col, select

from services.household.divisions.model import Division, Grid
from services.household.households.model import Household
from services.household.households.telling import states_of
from shared.contracts.envelope import BATCH_LIMIT
from shared.contracts.household import DivisionChanged, GridChanged, HouseholdChanged
from shared.database import Reader
from shared.replicas.snapshot import Tellers, Told


async def _divisions(db: Reader) -> AsyncIterator[Told]:
    divisions = await db.all(select(Division).order_by(col(Division.code)))
    yield [(each.changed(), each.changed_at) for each in divisions]


async def _grids(db: Reader) -> AsyncIterator[Told]:
    yield [(each.changed(), each.changed_at) for each in await db.all(select(Grid).order_by(col(Grid.id)))]


async def _households(db: Reader) -> AsyncIterator[Told]:
    wanted = select_columns(col(Household.id), col(Household.changed_at)).order_by(col(Household.id))
    async for rows in db.stream(wanted, at_once=BATCH_LIMIT):
        since = {row["id"]: row["changed_at"] for row in rows}
        yield [(HouseholdChanged(**state), since[state["id"]]) for state in await states_of(db, list(since))]


SNAPSHOT: Tellers = {DivisionChanged: _divisions, GridChanged: _grids, HouseholdChanged: _households}
