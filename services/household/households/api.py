"""``/households``."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query, Response

from services.household.households import commands
from services.household.households.errors import (
    BadIdentityNumber,
    ContradictsNumber,
    DateAhead,
    HeadNeeded,
    MemberGone,
    NumberTaken,
    PersonRegistered,
    RepeatedPerson,
    UnknownVillage,
    VillageClosed,
)
from services.household.households.filters import HouseholdFilter
from services.household.households.model import Household
from services.household.households.queries import find_by_number, get_household, list_households
from services.household.households.schemas import (
    HouseholdChange,
    HouseholdLine,
    HouseholdView,
    MemberChange,
    NewHousehold,
    NumberSearch,
)
from shared.database import Page, Reader
from shared.domain.moment import Moment
from shared.refusal import NotFound, Stale
from shared.web import IfMatch, Paging, Reading, Router, Writing, refusals, requires, tagged
from shared.web.concurrency import PreconditionNeeded

router = Router(prefix="/households", tags=["农户 households"])
_CHANGES = (NotFound, Stale, PreconditionNeeded)
_NUMBERS = (BadIdentityNumber, ContradictsNumber, PersonRegistered)


@router.post(
    "",
    status_code=201,
    dependencies=[requires("households:write")],
    responses=refusals(
        *_NUMBERS, UnknownVillage, VillageClosed, HeadNeeded, RepeatedPerson, NumberTaken, DateAhead
    ),
)
async def register(db: Writing, new: NewHousehold, response: Response) -> HouseholdView:
    """Register a household with its members."""
    household = await commands.register(db, new)
    response.headers["Location"] = f"{router.prefix}/{household.id}"
    return await _shown(db, household, response)


@router.get("", dependencies=[requires("households:read")])
async def households(
    db: Reading, wanted: Annotated[HouseholdFilter, Query()], page: Paging
) -> Page[HouseholdLine]:
    """List households by village: those of whom all that is said holds."""
    return await list_households(db, wanted, page)


@router.post(
    "/search", dependencies=[requires("households:read")], responses=refusals(NotFound, BadIdentityNumber)
)
async def search(db: Writing, wanted: NumberSearch) -> HouseholdView:
    """Find the household of the person with an identity number."""
    return await find_by_number(db, wanted.identity_number)


@router.get(
    "/{household_id}", dependencies=[requires("households:read")], responses=refusals(NotFound, DateAhead)
)
async def household(
    db: Reading, response: Response, household_id: UUID, as_of: Moment | None = None
) -> HouseholdView:
    """Return a household with its members, now or ``as_of`` a past moment."""
    view = await get_household(db, household_id, as_of=as_of)
    response.headers["ETag"] = f'"{view.version}"'
    return view


@router.patch("/{household_id}", dependencies=[requires("households:write")], responses=refusals(*_CHANGES))
async def change(
    db: Writing, response: Response, household_id: UUID, version: IfMatch, changes: HouseholdChange
) -> HouseholdView:
    """Change what is given."""
    return await _shown(db, await commands.change(db, household_id, version, changes), response)


@router.patch(
    "/{household_id}/members/{member_id}",
    dependencies=[requires("households:write")],
    responses=refusals(*_CHANGES, *_NUMBERS, MemberGone, HeadNeeded, DateAhead),
)
async def change_member(
    db: Writing,
    response: Response,
    household_id: UUID,
    member_id: UUID,
    version: IfMatch,
    changes: MemberChange,
) -> HouseholdView:
    """Change what is given of a person."""
    changed = await commands.change_member(db, household_id, member_id, version, changes)
    return await _shown(db, changed, response)


async def _shown(db: Reader, household: Household, response: Response) -> HouseholdView:
    tagged(response, household)
    return await get_household(db, household.id)
