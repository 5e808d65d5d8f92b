"""Assignments over HTTP."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query

from services.inspection.assignments import commands, queries
from services.inspection.assignments.schemas import (
    Assigned,
    AssignedHousehold,
    AssignmentsDraft,
    AssignmentView,
    Balanced,
    BalanceDraft,
    HandoverDraft,
)
from services.inspection.campaigns.errors import CampaignOver, NotInCampaign, OutsideYourArea
from services.inspection.visits.schemas import UnvisitedHousehold
from shared.database import Page
from shared.domain.division import DivisionCode
from shared.refusal import NotFound
from shared.web import Paging, Reading, Router, Writing, refusals, requires

router = Router(prefix="/campaigns/{campaign_id}/assignments", tags=["排查分工 assignments"])
_REFUSALS = refusals(NotFound, OutsideYourArea, NotInCampaign, CampaignOver)
Within = Annotated[DivisionCode | None, Query(alias="division")]


@router.post("", dependencies=[requires("campaigns:write")], responses=_REFUSALS)
async def assign(campaign_id: UUID, draft: AssignmentsDraft, db: Writing) -> Assigned:
    """Give officers to villages, groups, grids or households; those that have one get the new one."""
    return Assigned(changed=await commands.assign(db, campaign_id, draft))


@router.post("/balance", dependencies=[requires("campaigns:write")], responses=_REFUSALS)
async def balance(campaign_id: UUID, draft: BalanceDraft, db: Writing) -> Balanced:
    """Share out the households of a division among its officers, grid by grid, with equal loads."""
    return await commands.balance(db, campaign_id, draft)


@router.post(
    "/handover", dependencies=[requires("campaigns:write")], responses=refusals(NotFound, CampaignOver)
)
async def hand_over(campaign_id: UUID, draft: HandoverDraft, db: Writing) -> Assigned:
    """Give an officer's households to another one, with the reason; by default those not visited yet."""
    return Assigned(changed=await commands.hand_over(db, campaign_id, draft))


@router.get("", dependencies=[requires("campaigns:read")], responses=refusals(NotFound))
async def list_assignments(
    campaign_id: UUID, db: Reading, page: Paging, division: Within = None, officer: str | None = None
) -> Page[AssignmentView]:
    """List villages' officers with the households that are theirs and those of them that were visited."""
    return await queries.list_assignments(db, campaign_id, division=division, officer=officer, page=page)


@router.get("/households", dependencies=[requires("campaigns:read")], responses=refusals(NotFound))
async def list_households(
    *,
    campaign_id: UUID,
    db: Reading,
    page: Paging,
    division: Within = None,
    officer: str | None = None,
    visited: bool | None = None,
) -> Page[AssignedHousehold]:
    """List assigned households in the order in which to go: those to visit first (八必访), then grid by grid."""
    return await queries.list_households(
        db, campaign_id, division=division, officer=officer, visited=visited, page=page
    )


@router.get("/open", dependencies=[requires("campaigns:read")], responses=refusals(NotFound))
async def list_unassigned(
    campaign_id: UUID, db: Reading, page: Paging, division: Within = None
) -> Page[UnvisitedHousehold]:
    """List the households that nobody is to visit yet, village by village."""
    found = await queries.list_unassigned(db, campaign_id, division=division, page=page)
    return found.each(UnvisitedHousehold.model_validate)
