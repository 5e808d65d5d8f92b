"""Natural changes of households (自然增减), each under the household that it is about."""

from __future__ import annotations

from uuid import UUID

from fastapi import Response

from services.household.changes import commands, errors, regrouping
from services.household.changes.queries import list_changes
from services.household.changes.schemas import (
    Arrival,
    ChangeOfHead,
    ChangeView,
    Departure,
    Merger,
    Return,
    Split,
    Transfer,
    TwoHouseholds,
    Undoing,
)
from services.household.changes.undoing import undo
from services.household.households.errors import (
    BadIdentityNumber,
    ContradictsNumber,
    DateAhead,
    HeadCannotLeave,
    HeadNeeded,
    MemberGone,
    NumberTaken,
    PersonRegistered,
    RelationshipNeeded,
    RepeatedPerson,
)
from services.household.households.queries import get_household
from services.household.households.schemas import HouseholdView
from shared.database import Page, Reader
from shared.refusal import NotFound, Stale
from shared.web import IfMatch, Paging, Reading, Router, Writing, refusals, requires
from shared.web.concurrency import PreconditionNeeded
from shared.web.language import InLanguage

router = Router(prefix="/households", tags=["自然增减 natural changes"])
_CHANGES = (NotFound, Stale, PreconditionNeeded, DateAhead)
_NUMBERS = (BadIdentityNumber, ContradictsNumber, PersonRegistered)
_LEAVING = (
    HeadCannotLeave,
    MemberGone,
    RelationshipNeeded,
    errors.DateBeforeJoining,
    errors.HeadAlready,
    errors.HeadStays,
)
_REGROUPING = (HeadNeeded, RepeatedPerson, errors.HouseholdMerged, errors.SameHousehold)


@router.post(
    "/{household_id}/members",
    status_code=201,
    dependencies=[requires("households:write")],
    responses=refusals(
        *_CHANGES,
        *_NUMBERS,
        HeadNeeded,
        errors.DateBeforeBirth,
        errors.NotOnTheDayOfBirth,
        errors.HouseholdMerged,
    ),
)
async def arrive(
    db: Writing, response: Response, household_id: UUID, version: IfMatch, arrival: Arrival
) -> HouseholdView:
    """Take a person into the household, by birth, marriage, moving in or adoption."""
    await commands.arrive(db, household_id, version, arrival)
    response.headers["Location"] = f"{router.prefix}/{household_id}"
    return await _shown(db, household_id, response)


@router.post(
    "/{household_id}/members/{member_id}/departure",
    dependencies=[requires("households:write")],
    responses=refusals(*_CHANGES, *_LEAVING),
)
async def depart(
    db: Writing,
    response: Response,
    household_id: UUID,
    member_id: UUID,
    version: IfMatch,
    departure: Departure,
) -> HouseholdView:
    """Let a person leave, by death, marriage or moving, or for a time: army, prison, school, missing."""
    await commands.depart(db, household_id, member_id, version, departure)
    return await _shown(db, household_id, response)


@router.post(
    "/{household_id}/members/{member_id}/return",
    dependencies=[requires("households:write")],
    responses=refusals(*_CHANGES, HeadNeeded, errors.NotAway, errors.DateBeforeLeaving),
)
async def come_back(
    db: Writing, response: Response, household_id: UUID, member_id: UUID, version: IfMatch, back: Return
) -> HouseholdView:
    """Let a person come back who was away for a time."""
    await commands.come_back(db, household_id, member_id, version, back)
    return await _shown(db, household_id, response)


@router.post(
    "/{household_id}/head",
    dependencies=[requires("households:write")],
    responses=refusals(*_CHANGES, MemberGone, RelationshipNeeded, errors.HeadAlready),
)
async def change_head(
    db: Writing, response: Response, household_id: UUID, version: IfMatch, change: ChangeOfHead
) -> HouseholdView:
    """Let another member be head (变更户主)."""
    await commands.change_head(db, household_id, version, change)
    return await _shown(db, household_id, response)


@router.post(
    "/{household_id}/split",
    status_code=201,
    dependencies=[requires("households:write")],
    responses=refusals(*_CHANGES, *_LEAVING, *_REGROUPING, NumberTaken, errors.NobodyStays),
)
async def split(
    db: Writing, response: Response, household_id: UUID, version: IfMatch, form: Split
) -> TwoHouseholds:
    """Let some people be a household of their own (分户)."""
    founded = await regrouping.split(db, household_id, version, form)
    response.headers["Location"] = f"{router.prefix}/{founded}"
    return await _both(db, household_id, founded, response)


@router.post(
    "/merge",
    dependencies=[requires("households:write")],
    responses=refusals(*_CHANGES, *_LEAVING, *_REGROUPING, errors.EverybodyNeeded),
)
async def merge(db: Writing, response: Response, version: IfMatch, form: Merger) -> TwoHouseholds:
    """Let all people of one household join another one (并户); ``If-Match`` is about the latter."""
    await regrouping.merge(db, version, form)
    return await _both(db, form.into, form.merged, response)


@router.post(
    "/{household_id}/members/{member_id}/transfer",
    dependencies=[requires("households:write")],
    responses=refusals(*_CHANGES, *_LEAVING, *_REGROUPING),
)
async def transfer(
    db: Writing, response: Response, household_id: UUID, member_id: UUID, version: IfMatch, form: Transfer
) -> TwoHouseholds:
    """Let a person go over to another registered household; the caller's area must cover both."""
    await regrouping.transfer(db, household_id, member_id, version, form)
    return await _both(db, household_id, form.household_id, response)


@router.get(
    "/{household_id}/changes", dependencies=[requires("households:read")], responses=refusals(NotFound)
)
async def changes(db: Reading, household_id: UUID, page: Paging, language: InLanguage) -> Page[ChangeView]:
    """List what happened to the household's people, undone mistakes included."""
    return await list_changes(db, household_id, page, language)


@router.post(
    "/{household_id}/changes/{change_id}/undo",
    dependencies=[requires("households:write")],
    responses=refusals(*_CHANGES, HeadNeeded, PersonRegistered, errors.UndoneAlready, errors.ChangedSince),
)
async def undo_change(
    db: Writing, response: Response, household_id: UUID, change_id: UUID, version: IfMatch, form: Undoing
) -> HouseholdView:
    """Undo a change that was entered by mistake, while nothing later has touched the same people."""
    await undo(db, household_id, change_id, version, form.reason)
    return await _shown(db, household_id, response)


async def _shown(db: Reader, household_id: UUID, response: Response) -> HouseholdView:
    view = await get_household(db, household_id)
    response.headers["ETag"] = f'"{view.version}"'
    return view


async def _both(db: Reader, household_id: UUID, counterpart: UUID, response: Response) -> TwoHouseholds:
    household = await _shown(db, household_id, response)
    return TwoHouseholds(household=household, counterpart=await get_household(db, counterpart))
