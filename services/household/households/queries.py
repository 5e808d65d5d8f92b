"""Questions about households."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlmodel import col, select

from services.household.households.errors import BadIdentityNumber, DateAhead
from services.household.households.filters import HouseholdFilter, conditions
from services.household.households.model import Household, Income, Member, PersonNumber
from services.household.households.private import searched
from services.household.households.schemas import HouseholdLine, HouseholdView
from services.household.households.views import household_view
from shared.crypto.fields import ring
from shared.database import Page, PageQuery, Reader
from shared.database.glance import opened
from shared.domain.identity_number import IdentityNumberFault, parse
from shared.refusal import Fault, NotFound

_SHOWN_IN_LISTS = [getattr(Household, name) for name in HouseholdLine.model_fields]
#: What is asked for most: one query, whose rows of rows the driver takes apart.
_DOCUMENT = """
    SELECT h.*, ARRAY(SELECT m FROM member m WHERE m.household_id = h.id ORDER BY m.id) AS members,
        ARRAY(SELECT i FROM income i WHERE i.household_id = h.id ORDER BY i.year DESC) AS incomes
    FROM household h WHERE h.id = $1
"""


async def get_household(db: Reader, household_id: UUID, *, as_of: datetime | None = None) -> HouseholdView:
    """Return a household with members and statements, now or as it was."""
    if as_of is not None:
        return await _past_household(db, household_id, as_of)
    found = await db.glance(_DOCUMENT, household_id)
    if not found:
        raise NotFound
    household = opened(Household, found[0])
    members = [opened(Member, member) for member in household.pop("members")]
    incomes = [dict(income) for income in household.pop("incomes")]
    return household_view(household, members, incomes, db.principal)


async def members_of(db: Reader, household_id: UUID) -> list[Member]:
    """Return all members, those who left included, in the order in which they were entered."""
    return await db.all(select(Member).where(Member.household_id == household_id).order_by(col(Member.id)))


async def newest_income(db: Reader, household_id: UUID) -> Income | None:
    """Return the newest yearly statement."""
    statements = select(Income).where(Income.household_id == household_id)
    return await db.first(statements.order_by(col(Income.year).desc()).limit(1))


async def list_households(db: Reader, wanted: HouseholdFilter, page: PageQuery) -> Page[HouseholdLine]:
    """List households by village and id: one statement, whatever the page holds."""
    # The line's own columns only: a list must not decipher phones that it does not show.
    households = select(*_SHOWN_IN_LISTS).where(*conditions(wanted))
    order = [Household.division_code, Household.id]
    return await db.page_of(HouseholdLine, households, order=order, page=page)


async def find_by_number(db: Reader, written: str) -> HouseholdView:
    """Return the household of the person with this identity number."""
    try:
        number = parse(written).number
    except IdentityNumberFault as fault:
        raise BadIdentityNumber(
            errors=(Fault("/identity_number", fault.fault, str(fault), fault.zh),)
        ) from fault
    searched(db.principal, by="identity_number")
    held = await db.find(PersonNumber, ring().blind_index(number))  # type: ignore[arg-type]
    if held is None:
        raise NotFound
    return await get_household(db, held.household_id)


async def _past_household(db: Reader, household_id: UUID, moment: datetime) -> HouseholdView:
    if moment > db.now:
        raise DateAhead
    households = await db.as_of(Household, household_id, moment)
    if not households:
        raise NotFound
    members = sorted(await db.as_of(Member, household_id, moment), key=lambda member: member.id)
    incomes = sorted(await db.as_of(Income, household_id, moment), key=lambda income: -income.year)
    return household_view(
        households[0].model_dump(),
        [member.model_dump() for member in members],
        [income.model_dump() for income in incomes],
        db.principal,
    )
