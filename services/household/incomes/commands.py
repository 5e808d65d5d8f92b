"""Stating a year's income, and taking a wrong statement back."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import select

from services.household.households.changing import changed, lock_household
from services.household.households.errors import DateAhead
from services.household.households.model import Household, Income
from services.household.incomes.errors import NobodyShares, NothingStated
from services.household.incomes.rules import TOTALS, per_capita_income, totals_of
from services.household.incomes.schemas import NewIncome
from shared.database import Writer
from shared.keys import uuid7


async def state_income(db: Writer, household_id: UUID, version: int, new: NewIncome) -> Household:
    """Enter the statement of a year, or state that year anew: what was said before stays in its history."""
    household = await lock_household(db, household_id, version)
    if new.year > db.today.year:
        raise DateAhead
    stated = new.model_dump(include=set(TOTALS))
    if not new.lines and all(total is None for total in stated.values()):
        raise NothingStated
    sharers = new.sharers or household.member_count
    if not sharers:
        raise NobodyShares
    totals = totals_of(stated, [(line.kind, line.amount) for line in new.lines])
    values = new.model_dump(exclude={*TOTALS, "lines", "sharers"}) | totals
    values |= {
        "lines": [line.model_dump(mode="json") for line in new.lines],
        "sharers": sharers,
        "per_capita": per_capita_income(totals, sharers),
    }
    place = {"id": uuid7(), "household_id": household_id, "division_code": household.division_code}
    entered = insert(Income).values(place | values)
    kept = {name: entered.excluded[name] for name in values}
    await db.execute(entered.on_conflict_do_update(index_elements=["household_id", "year"], set_=kept))
    return await changed(db, household)


async def withdraw_income(db: Writer, household_id: UUID, version: int, year: int) -> Household:
    """Take a wrong statement back; its history stays."""
    household = await lock_household(db, household_id, version)
    await db.delete(
        await db.one(select(Income).where(Income.household_id == household_id, Income.year == year))
    )
    return await changed(db, household)
