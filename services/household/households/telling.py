"""Telling of many households at once: their states in three statements, however many they are."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import select as sa_select
from sqlmodel import col, select

from services.household.households.events import HOUSEHOLD_COLUMNS, MEMBER_COLUMNS, state_of
from services.household.households.model import Household, Income, Member
from shared.contracts.household import HouseholdChanged, HouseholdRegistered
from shared.database import Reader, Writer


async def tell(db: Writer, *, registered: Collection[UUID] = (), changed: Collection[UUID] = ()) -> None:
    """Tell of households that were written in sets, as they are now."""
    for kind, ids in ((HouseholdRegistered, registered), (HouseholdChanged, changed)):
        db.record(*[kind(**state) for state in await states_of(db, ids)])


async def states_of(db: Reader, ids: Collection[UUID]) -> list[dict[str, Any]]:
    """Return the states of households, in the order of their ids."""
    if not ids:
        return []
    wanted = sa_select(*HOUSEHOLD_COLUMNS).where(col(Household.id).in_(ids)).order_by(col(Household.id))
    households = await db.rows(wanted)
    members: dict[UUID, list[Any]] = {key: [] for key in ids}
    of_households = sa_select(*MEMBER_COLUMNS).where(col(Member.household_id).in_(ids))
    for member in await db.rows(of_households.order_by(col(Member.id))):
        members[member.household_id].append(member)
    incomes: dict[UUID, Income] = {}
    for income in await db.all(
        select(Income).where(col(Income.household_id).in_(ids)).order_by(col(Income.year))
    ):
        incomes[income.household_id] = income
    return [state_of(each, members[each.id], incomes.get(each.id)) for each in households]
