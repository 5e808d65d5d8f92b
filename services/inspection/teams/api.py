"""Teams over HTTP."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query, Response
from sqlmodel import col, select

from services.inspection.campaigns.errors import CampaignOver, NotInCampaign, OutsideYourArea
from services.inspection.campaigns.model import Campaign
from services.inspection.teams.commands import put_team
from services.inspection.teams.model import Team
from services.inspection.teams.schemas import TeamDraft, TeamView
from shared.database import Page, inside
from shared.domain.division import DivisionCode
from shared.refusal import NotFound
from shared.web import Paging, Reading, Router, Writing, refusals, requires, tagged

router = Router(prefix="/campaigns/{campaign_id}/teams", tags=["排查力量 teams"])


@router.put(
    "",
    dependencies=[requires("campaigns:write")],
    responses=refusals(NotFound, OutsideYourArea, NotInCampaign, CampaignOver),
)
async def put_one(campaign_id: UUID, draft: TeamDraft, db: Writing, response: Response) -> TeamView:
    """Enter a team of a village or town with its members, or replace the one of that place and name."""
    team = await put_team(db, campaign_id, draft)
    tagged(response, team)
    return TeamView.model_validate(team)


@router.get("", dependencies=[requires("campaigns:read")], responses=refusals(NotFound))
async def list_teams(
    campaign_id: UUID, db: Reading, page: Paging, division: Annotated[DivisionCode | None, Query()] = None
) -> Page[TeamView]:
    """List the teams, by place and name."""
    campaign = await db.get(Campaign, campaign_id)
    wanted = select(Team).where(
        col(Team.campaign_id) == campaign_id, inside(Team.division_code, division or campaign.division_code)
    )
    found = await db.page(wanted, order=[col(Team.division_code), col(Team.name)], page=page)
    return found.each(TeamView.model_validate)
