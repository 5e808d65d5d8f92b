"""Putting teams together."""

from __future__ import annotations

from uuid import UUID

from sqlmodel import col, select

from services.inspection.campaigns.commands import campaign_for
from services.inspection.teams.model import Team
from services.inspection.teams.schemas import TeamDraft
from shared.database import Writer


async def put_team(db: Writer, campaign_id: UUID, draft: TeamDraft) -> Team:
    """Enter a team, or replace the one of that place and name."""
    await campaign_for(db, campaign_id, draft.division_code)
    team = await db.first(
        select(Team)
        .where(
            col(Team.campaign_id) == campaign_id,
            col(Team.division_code) == draft.division_code,
            col(Team.name) == draft.name,
        )
        .with_for_update()
    )
    if team is None:
        team = Team(
            campaign_id=campaign_id, division_code=draft.division_code, name=draft.name, leader="", members=[]
        )
        db.add(team)
    team.leader, team.members = draft.leader, [each.model_dump() for each in draft.members]
    await db.flush()
    return team
