"""Campaigns over HTTP."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query, Response
from sqlmodel import col, select

from services.inspection.campaigns import commands, errors
from services.inspection.campaigns.model import Campaign, Schedule
from services.inspection.campaigns.progress import By, progress_of
from services.inspection.campaigns.schemas import (
    CampaignDraft,
    CampaignView,
    PauseDraft,
    Progress,
    ScheduleDraft,
    ScheduleView,
)
from services.inspection.checklists.catalog import UnknownChecklist
from shared.database import Page
from shared.domain.division import DivisionCode
from shared.refusal import NotFound, Stale
from shared.web import IfMatch, Paging, Reading, Router, Writing, refusals, requires, tagged

router = Router(prefix="/campaigns", tags=["集中排查 campaigns"])


@router.post(
    "",
    status_code=201,
    dependencies=[requires("campaigns:write")],
    responses=refusals(
        NotFound,
        errors.OutsideYourArea,
        errors.NotInCampaign,
        errors.CampaignTooShort,
        errors.PhasesOutOfOrder,
        errors.OutsideCampaign,
        UnknownChecklist,
    ),
)
async def plan(draft: CampaignDraft, db: Writing, response: Response) -> CampaignView:
    """Plan a campaign (制定排查方案)."""
    campaign = await commands.plan_campaign(db, draft)
    response.headers["Location"] = f"/campaigns/{campaign.id}"
    tagged(response, campaign)
    return CampaignView.model_validate(campaign)


@router.get("", dependencies=[requires("campaigns:read")])
async def list_campaigns(db: Reading, page: Paging, year: int | None = None) -> Page[CampaignView]:
    """List campaigns that concern the caller's area, oldest first."""
    wanted = select(Campaign)
    if year is not None:
        wanted = wanted.where(col(Campaign.year) == year)
    found = await db.page(wanted, order=[col(Campaign.id)], page=page)
    return found.each(CampaignView.model_validate)


@router.get("/{campaign_id}", dependencies=[requires("campaigns:read")], responses=refusals(NotFound))
async def get_one(campaign_id: UUID, db: Reading, response: Response) -> CampaignView:
    """Show one campaign with its phases."""
    campaign = await db.get(Campaign, campaign_id)
    tagged(response, campaign)
    return CampaignView.model_validate(campaign)


@router.post(
    "/{campaign_id}/opening",
    dependencies=[requires("campaigns:write")],
    responses=refusals(
        NotFound, errors.OutsideYourArea, errors.CampaignNotPlanned, errors.EarlierNotClosed, Stale
    ),
)
async def open_one(campaign_id: UUID, version: IfMatch, db: Writing, response: Response) -> CampaignView:
    """Begin (启动): visits are taken from now on, unfinished findings of the campaign that it inherits are its own."""
    campaign = await commands.open_campaign(db, campaign_id, version=version)
    tagged(response, campaign)
    return CampaignView.model_validate(campaign)


@router.post(
    "/{campaign_id}/closing",
    dependencies=[requires("campaigns:write")],
    responses=refusals(NotFound, errors.OutsideYourArea, errors.CampaignNotOpen, Stale),
)
async def close_one(campaign_id: UUID, version: IfMatch, db: Writing, response: Response) -> CampaignView:
    """End (结束); findings that are not closed yet go on."""
    campaign = await commands.close_campaign(db, campaign_id, version=version)
    tagged(response, campaign)
    return CampaignView.model_validate(campaign)


@router.post(
    "/{campaign_id}/pause",
    dependencies=[requires("campaigns:write")],
    responses=refusals(
        NotFound, errors.OutsideYourArea, errors.CampaignNotOpen, errors.CampaignPaused, Stale
    ),
)
async def pause_one(
    campaign_id: UUID, draft: PauseDraft, version: IfMatch, db: Writing, response: Response
) -> CampaignView:
    """Interrupt (暂停): no visits are taken until it is resumed; rectification goes on."""
    campaign = await commands.pause_campaign(db, campaign_id, draft.reason, version=version)
    tagged(response, campaign)
    return CampaignView.model_validate(campaign)


@router.post(
    "/{campaign_id}/resumption",
    dependencies=[requires("campaigns:write")],
    responses=refusals(NotFound, errors.OutsideYourArea, errors.CampaignNotPaused, Stale),
)
async def resume_one(campaign_id: UUID, version: IfMatch, db: Writing, response: Response) -> CampaignView:
    """Go on after a pause (恢复)."""
    campaign = await commands.resume_campaign(db, campaign_id, version=version)
    tagged(response, campaign)
    return CampaignView.model_validate(campaign)


@router.put(
    "/{campaign_id}/schedule",
    dependencies=[requires("campaigns:write")],
    responses=refusals(
        NotFound,
        errors.OutsideYourArea,
        errors.CampaignOver,
        errors.NotInCampaign,
        errors.PhasesOutOfOrder,
        errors.OutsideCampaign,
    ),
)
async def schedule(campaign_id: UUID, draft: ScheduleDraft, db: Writing, response: Response) -> ScheduleView:
    """Set a town's or park's own dates within the county's (压茬推进)."""
    scheduled = await commands.schedule_town(db, campaign_id, draft)
    tagged(response, scheduled)
    return ScheduleView.model_validate(scheduled)


@router.get(
    "/{campaign_id}/schedule", dependencies=[requires("campaigns:read")], responses=refusals(NotFound)
)
async def list_schedules(campaign_id: UUID, db: Reading, page: Paging) -> Page[ScheduleView]:
    """List the towns and parks with dates of their own; the others keep to the campaign's."""
    await db.get(Campaign, campaign_id)
    wanted = select(Schedule).where(col(Schedule.campaign_id) == campaign_id)
    found = await db.page(wanted, order=[col(Schedule.division_code)], page=page)
    return found.each(ScheduleView.model_validate)


@router.get(
    "/{campaign_id}/progress", dependencies=[requires("campaigns:read")], responses=refusals(NotFound)
)
async def progress(
    campaign_id: UUID,
    db: Reading,
    by: Annotated[By, Query()] = "town",
    division: Annotated[DivisionCode | None, Query()] = None,
) -> Progress:
    """Show households due and visited, findings raised, closed and overdue, as they are now, by place or by officer."""
    return await progress_of(db, campaign_id, by=by, division=division)
