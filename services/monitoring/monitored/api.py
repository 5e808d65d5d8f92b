"""Monitored objects over HTTP."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query, Response

from services.monitoring.cases.errors import KinDecides
from services.monitoring.clues.errors import NoFurtherRisk
from services.monitoring.dates import DATES
from services.monitoring.forms import ChangeView
from services.monitoring.monitored import commands, errors, queries
from services.monitoring.monitored.schemas import ContactForm, FurtherRiskForm, NoFurtherRiskForm
from services.monitoring.monitored.shown import shown
from services.monitoring.monitored.views import MonitoredFile, MonitoredQuery, MonitoredView
from shared.database import Page
from shared.domain.moment import Moment
from shared.refusal import Invalid, NotFound, Stale
from shared.web import IfMatch, Paging, Reading, Router, Writing, refusals, requires, tagged

router = Router(prefix="/monitored", tags=["监测对象 monitored objects"])


@router.get("", dependencies=[requires("monitored:read")])
async def list_monitored(
    db: Reading, filters: Annotated[MonitoredQuery, Query()], page: Paging
) -> Page[MonitoredView]:
    """List objects in the order in which they were first tagged."""
    return await queries.page_of(db, filters, page)


@router.get("/{monitored_id}", dependencies=[requires("monitored:read")], responses=refusals(NotFound))
async def get_one(
    monitored_id: UUID, db: Reading, response: Response, as_of: Moment | None = None
) -> MonitoredFile:
    """Show one object with all its episodes, eliminations and re-taggings, as it stands or as it stood."""
    if as_of is not None:
        return await queries.file_as_of(db, monitored_id, as_of)
    thing, view = await queries.get_file(db, monitored_id)
    tagged(response, thing)
    return view


@router.get(
    "/{monitored_id}/history", dependencies=[requires("monitored:read")], responses=refusals(NotFound)
)
async def history(monitored_id: UUID, db: Reading) -> Page[ChangeView]:
    """Show who changed what, when and why; oldest first."""
    changes = await queries.story_of(db, monitored_id)
    return Page(items=[ChangeView.model_validate(change) for change in changes])


@router.post(
    "/{monitored_id}/risks",
    dependencies=[requires("cases:review")],
    responses=refusals(
        NotFound,
        Stale,
        Invalid,
        errors.NotMonitored,
        errors.TooManyRisks,
        errors.RiskOpenAlready,
        errors.ClueNotForThis,
        KinDecides,
        *DATES,
    ),
)
async def add_risk(
    monitored_id: UUID, form: FurtherRiskForm, version: IfMatch, db: Writing, response: Response
) -> MonitoredFile:
    """Add a risk that was found while the object is under watch; the clue behind it gets its verdict."""
    return await shown(db, await commands.add_risk(db, monitored_id, form, version=version), response)


@router.post(
    "/{monitored_id}/risks/return",
    dependencies=[requires("cases:approve")],
    responses=refusals(
        NotFound, Stale, errors.ClueNotForThis, NoFurtherRisk, errors.SamePerson, KinDecides, *DATES
    ),
)
async def turn_down_risk(
    monitored_id: UUID, form: NoFurtherRiskForm, version: IfMatch, db: Writing, response: Response
) -> MonitoredFile:
    """Find at the county that a further risk is none, which dismisses its clue; not by who verified it."""
    return await shown(db, await commands.turn_down_risk(db, monitored_id, form, version=version), response)


@router.post(
    "/{monitored_id}/contact",
    dependencies=[requires("monitored:write")],
    responses=refusals(NotFound, Stale, errors.ObjectClosed, *DATES),
)
async def assign_contact(
    monitored_id: UUID, form: ContactForm, version: IfMatch, db: Writing, response: Response
) -> MonitoredFile:
    """Name who helps and watches (帮扶联系人)."""
    return await shown(db, await commands.assign_contact(db, monitored_id, form, version=version), response)
