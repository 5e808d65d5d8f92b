"""``/officials``, and the official and the contacts of a household."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from fastapi import Query, Response

from services.household.households.errors import DateAhead
from services.household.households.model import Household
from services.household.households.queries import get_household
from services.household.households.schemas import HouseholdView
from services.household.officials import commands
from services.household.officials.errors import BeforeTerm, NobodyResponsible, NothingToHandOver, NotLifted
from services.household.officials.queries import contact_view, contacts_of, load_gaps, loads, terms_of
from services.household.officials.schemas import (
    ContactView,
    EndOfTerm,
    Handover,
    HandoverDone,
    Load,
    LoadGap,
    NewContact,
    ResponsibleOfficial,
    TermView,
)
from shared.database import Page, Reader
from shared.domain.division import DivisionCode
from shared.refusal import NotFound, Stale
from shared.web import IfMatch, Paging, Reading, Router, Writing, refusals, requires, tagged
from shared.web.concurrency import PreconditionNeeded

router = Router(tags=["帮扶责任人 officials"])
_CHANGES = (NotFound, Stale, PreconditionNeeded, DateAhead, BeforeTerm)
_Days = Annotated[
    int | None, Query(ge=1, le=366, description="联系间隔天数 days within which a contact is in time")
]


@router.post(
    "/households/{household_id}/responsible-official",
    dependencies=[requires("households:write")],
    responses=refusals(*_CHANGES, NotLifted),
)
async def name_official(
    db: Writing, response: Response, household_id: UUID, version: IfMatch, official: ResponsibleOfficial
) -> HouseholdView:
    """Name the responsible official (帮扶责任人); the one before is so no more from that day on."""
    return await _shown(db, await commands.name_official(db, household_id, version, official), response)


@router.post(
    "/households/{household_id}/responsible-official/end",
    dependencies=[requires("households:write")],
    responses=refusals(*_CHANGES, NobodyResponsible),
)
async def end_term(
    db: Writing, response: Response, household_id: UUID, version: IfMatch, end: EndOfTerm
) -> HouseholdView:
    """Let nobody be responsible from a day on."""
    return await _shown(db, await commands.end_term(db, household_id, version, end), response)


@router.get(
    "/households/{household_id}/officials",
    dependencies=[requires("households:read")],
    responses=refusals(NotFound),
)
async def terms(db: Reading, household_id: UUID) -> list[TermView]:
    """Tell who was responsible for a household, from when until when, and how often they were in contact."""
    return await terms_of(db, household_id)


@router.post(
    "/households/{household_id}/contacts",
    status_code=201,
    dependencies=[requires("households:write")],
    responses=refusals(NotFound, DateAhead, NobodyResponsible),
)
async def note_contact(db: Writing, household_id: UUID, new: NewContact) -> ContactView:
    """Note a contact with a household (帮扶走访)."""
    return contact_view(await commands.note_contact(db, household_id, new))


@router.get(
    "/households/{household_id}/contacts",
    dependencies=[requires("households:read")],
    responses=refusals(NotFound),
)
async def contacts(db: Reading, page: Paging, household_id: UUID) -> Page[ContactView]:
    """List a household's contacts, the newest first."""
    return await contacts_of(db, household_id, page)


@router.get("/officials", dependencies=[requires("households:read")])
async def officials(
    db: Reading,
    page: Paging,
    division: DivisionCode | None = None,
    q: Annotated[str, Query(description="姓名开头 beginning of the name")] = "",
    unit: Annotated[str, Query(description="单位开头 beginning of the unit's name")] = "",
    days: _Days = None,
) -> Page[Load]:
    """List officials with what each carries: households, people, villages, newest contact, how many wait for one."""
    return await loads(db, page, division=division, q=q, unit=unit, days=days)


@router.get("/officials/gaps", dependencies=[requires("households:read")])
async def gaps(
    db: Reading,
    page: Paging,
    what: Literal["nobody", "no_contact"] = "nobody",
    division: DivisionCode | None = None,
    days: _Days = None,
) -> Page[LoadGap]:
    """List lifted households for which nobody is responsible, or with which nobody was in contact of late."""
    return await load_gaps(db, page, what=what, division=division, days=days)


@router.post(
    "/officials/handover",
    dependencies=[requires("households:write")],
    responses=refusals(NotFound, DateAhead, BeforeTerm, NotLifted, NothingToHandOver),
)
async def hand_over(db: Writing, handover: Handover) -> HandoverDone:
    """Give households to one official: those that are named, or all of another official within a division."""
    return HandoverDone(households=await commands.hand_over(db, handover))


async def _shown(db: Reader, household: Household, response: Response) -> HouseholdView:
    tagged(response, household)
    return await get_household(db, household.id)
