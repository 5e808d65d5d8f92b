"""Training sessions over HTTP."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query

from services.inspection.campaigns.errors import CampaignOver, NotInCampaign, OutsideYourArea
from services.inspection.trainings import commands, queries
from services.inspection.trainings.schemas import AttendancesDraft, Attendee, TrainingDraft, TrainingView
from shared.database import Page
from shared.domain.division import DivisionCode
from shared.refusal import NotFound
from shared.web import Paging, Reading, Router, Writing, refusals, requires

router = Router(prefix="/campaigns/{campaign_id}", tags=["动员培训 trainings"])
_REFUSALS = refusals(NotFound, OutsideYourArea, NotInCampaign, CampaignOver)


@router.post("/trainings", status_code=201, dependencies=[requires("campaigns:write")], responses=_REFUSALS)
async def announce(campaign_id: UUID, draft: TrainingDraft, db: Writing) -> TrainingView:
    """Announce a session of a county, town or village; its teams are asked to come unless told otherwise."""
    training = await commands.announce(db, campaign_id, draft)
    return (await queries.views_of(db, [training]))[0]


@router.get("/trainings", dependencies=[requires("campaigns:read")], responses=refusals(NotFound))
async def list_trainings(campaign_id: UUID, db: Reading, page: Paging) -> Page[TrainingView]:
    """List the campaign's sessions by day, with how many came of those in the caller's area."""
    return await queries.list_trainings(db, campaign_id, page)


@router.put(
    "/trainings/{training_id}/attendance",
    dependencies=[requires("campaigns:write")],
    responses=_REFUSALS,
)
async def note_attendance(
    campaign_id: UUID, training_id: UUID, draft: AttendancesDraft, db: Writing
) -> TrainingView:
    """Note who came; those who are not named stay as they are, and sending it again changes nothing."""
    training = await commands.note_attendance(db, campaign_id, training_id, draft)
    return (await queries.views_of(db, [training]))[0]


@router.get(
    "/trainings/{training_id}/attendance",
    dependencies=[requires("campaigns:read")],
    responses=refusals(NotFound),
)
async def list_attendees(campaign_id: UUID, training_id: UUID, db: Reading, page: Paging) -> Page[Attendee]:
    """List who was asked to come and who did, by place and name."""
    return await queries.list_attendees(db, campaign_id, training_id, page)


@router.get("/untrained", dependencies=[requires("campaigns:read")], responses=refusals(NotFound))
async def list_untrained(
    campaign_id: UUID, db: Reading, page: Paging, division: Annotated[DivisionCode | None, Query()] = None
) -> Page[Attendee]:
    """List the people of the teams who were at no session of the campaign yet."""
    return await queries.list_untrained(db, campaign_id, division, page)
