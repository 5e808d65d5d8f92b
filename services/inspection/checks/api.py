"""Checks over HTTP."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query, Response

from services.inspection.campaigns.errors import (
    CampaignNotOpen,
    CampaignPaused,
    NotInCampaign,
    OutsideYourArea,
)
from services.inspection.checklists.answers import AnswerContradicts, BadAnswer, VerdictNeeded
from services.inspection.checklists.catalog import UnknownItem
from services.inspection.checks import commands, errors, queries
from services.inspection.checks.schemas import CheckDraft, CheckForm, CheckView, UncheckedSite
from services.inspection.objects.errors import AlreadyOver
from services.inspection.visits.errors import OutsideSchedule, VisitInFuture
from shared.database import Page
from shared.domain.division import DivisionCode
from shared.refusal import NotFound
from shared.web import Paging, Reading, Router, Writing, refusals, requires, tagged

router = Router(prefix="/campaigns/{campaign_id}", tags=["实地检查 checks"])
Within = Annotated[DivisionCode | None, Query(alias="division")]


@router.get(
    "/checks/form",
    dependencies=[requires("visits:write")],
    responses=refusals(NotFound, NotInCampaign, AlreadyOver, errors.NoSite),
)
async def form(
    campaign_id: UUID, db: Reading, division: Within = None, object_id: UUID | None = None
) -> CheckForm:
    """Show the form for a village, an object or the county, with what earlier checks found."""
    return await queries.form_of(db, campaign_id, division_code=division, object_id=object_id)


@router.post(
    "/checks",
    status_code=201,
    dependencies=[requires("visits:write")],
    responses=refusals(
        NotFound,
        CampaignNotOpen,
        CampaignPaused,
        NotInCampaign,
        OutsideYourArea,
        OutsideSchedule,
        VisitInFuture,
        UnknownItem,
        BadAnswer,
        AnswerContradicts,
        VerdictNeeded,
        AlreadyOver,
        errors.NotAskedHere,
        errors.CheckIdReused,
        errors.NoSite,
    ),
)
async def record(campaign_id: UUID, draft: CheckDraft, db: Writing, response: Response) -> CheckView:
    """Record a check: failed items become findings of the village, the object or the county."""
    check, replayed = await commands.record_check(db, campaign_id, draft)
    response.status_code = 200 if replayed else 201
    response.headers["Location"] = f"/campaigns/{campaign_id}/checks?division={check.division_code}"
    tagged(response, check)
    return CheckView.model_validate(check)


@router.get("/checks", dependencies=[requires("campaigns:read")], responses=refusals(NotFound))
async def list_checks(
    campaign_id: UUID, db: Reading, page: Paging, division: Within = None, object_id: UUID | None = None
) -> Page[CheckView]:
    """List the campaign's checks."""
    found = await queries.page_of_checks(db, campaign_id, division=division, object_id=object_id, page=page)
    return found.each(CheckView.model_validate)


@router.get("/unchecked", dependencies=[requires("campaigns:read")], responses=refusals(NotFound))
async def list_unchecked(
    campaign_id: UUID, db: Reading, page: Paging, division: Within = None
) -> Page[UncheckedSite]:
    """List the villages and objects that nobody has checked in this campaign, place by place."""
    return await queries.list_unchecked(db, campaign_id, division=division, page=page)
