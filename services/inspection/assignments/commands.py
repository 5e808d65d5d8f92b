"""Assigning households: by name, by sharing out, by handing over; in sets of any size."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Uuid,
    and_,
    any_,
    exists,
    false,
    func,
    literal,
    literal_column,
    or_,
    select as rows_of,
    true,
    update,
)
from sqlmodel import col, select

from services.inspection.assignments.giving import give, meant, places_of, shared_out
from services.inspection.assignments.model import Assignment
from services.inspection.assignments.queries import assigned_in
from services.inspection.assignments.rules import Home, Officer, Shares, share
from services.inspection.assignments.schemas import (
    AssignmentsDraft,
    Balanced,
    BalanceDraft,
    HandoverDraft,
    OfficerLoad,
)
from services.inspection.assignments.turns import PRIORITY, UNIT
from services.inspection.campaigns.commands import campaign_for
from services.inspection.campaigns.errors import NotInCampaign
from services.inspection.campaigns.model import Campaign
from services.inspection.campaigns.scope import due
from services.inspection.replicas.model import Grid, Household
from services.inspection.teams.model import Team
from services.inspection.visits.model import Coverage
from shared.database import Writer, inside
from shared.domain.division import within


async def assign(db: Writer, campaign_id: UUID, draft: AssignmentsDraft) -> int:
    """Give officers to villages, groups, grids or households; return how many households have another one now."""
    entries = draft.assignments
    grids = await _grids(db, [each.grid_id for each in entries if each.grid_id])
    campaign = await db.get(Campaign, campaign_id)
    codes = {*grids.values(), *(each.division_code for each in entries if each.division_code)}
    for code in codes:
        campaign = await campaign_for(db, campaign_id, code)
    campaign.expect_not_closed()
    named = {key: each.officer for each in entries for key in each.household_ids or ()}
    known = rows_of(func.count()).where(
        due(campaign), col(Household.id) == any_(literal(list(named), ARRAY(Uuid)))
    )
    if await db.scalar(known) < len(named):
        raise NotInCampaign
    there = or_(false(), *(inside(Household.division_code, code) for code in codes))
    villages = await db.all(select(Household.division_code).where(due(campaign), there).distinct())
    return await give(db, campaign_id, meant(campaign, places_of(entries, grids, villages), named))


async def balance(db: Writer, campaign_id: UUID, draft: BalanceDraft) -> Balanced:
    """Share out the households of a division among its officers."""
    campaign = await campaign_for(db, campaign_id, draft.division)
    free = ~assigned_in(campaign_id) if draft.only_unassigned else ~_visited(campaign_id, Household.id)
    rows = await db.rows(
        rows_of(col(Household.id), col(Household.division_code), _UNIT, _PRIORITY).where(
            due(campaign, draft.division), free
        )
    )
    homes = [Home(*row) for row in rows]
    officers = (
        [Officer(name, draft.division) for name in draft.officers]
        if draft.officers
        else await _members(db, campaign_id, draft.division)
    )
    loads = await _loads(db, campaign_id, draft, [each.name for each in officers])
    keepers = await _keepers(db, draft.division)
    shares = share(homes, officers, loads=loads, keepers=keepers)
    await give(db, campaign_id, shared_out(shares.officers))
    return _balanced(shares, homes)


async def hand_over(db: Writer, campaign_id: UUID, draft: HandoverDraft) -> int:
    """Give households of one officer to another; return how many."""
    campaign = await db.get(Campaign, campaign_id)
    campaign.expect_not_closed()
    meant = (
        col(Assignment.household_id).in_(draft.household_ids) if draft.household_ids else _open(campaign_id)
    )
    moved = await db.execute(
        update(Assignment)
        .where(
            col(Assignment.campaign_id) == campaign_id,
            col(Assignment.officer) == draft.from_officer,
            inside(Assignment.division_code, draft.division or campaign.division_code),
            meant,
        )
        .values(officer=draft.to_officer, reason=draft.reason)
        .execution_options(synchronize_session=False)
    )
    return moved.rowcount


_UNIT: ColumnElement[str] = literal_column(UNIT).label("unit")
_PRIORITY: ColumnElement[bool] = literal_column(PRIORITY)


async def _grids(db: Writer, ids: Iterable[UUID]) -> dict[UUID, str]:
    """Return the villages of grids, or refuse one that is not known."""
    wanted = set(ids)
    found = {
        each.id: each.division_code for each in await db.all(select(Grid).where(col(Grid.id).in_(wanted)))
    }
    if wanted - found.keys():
        raise NotInCampaign
    return found


async def _members(db: Writer, campaign_id: UUID, division: str) -> list[Officer]:
    teams = await db.all(select(Team).where(col(Team.campaign_id) == campaign_id))
    return [
        Officer(member["name"], team.division_code)
        for team in teams
        if within(team.division_code, division) or within(division, team.division_code)
        for member in team.members
    ]


async def _loads(db: Writer, campaign_id: UUID, draft: BalanceDraft, names: list[str]) -> dict[str, int]:
    """Return what officers have besides: households that are being shared out anew do not count."""
    anew = and_(inside(Assignment.division_code, draft.division), _open(campaign_id))
    rows = await db.rows(
        rows_of(col(Assignment.officer), func.count())
        .where(
            col(Assignment.campaign_id) == campaign_id,
            col(Assignment.officer).in_(names),
            true() if draft.only_unassigned else ~anew,
        )
        .group_by(col(Assignment.officer))
    )
    return {name: int(count) for name, count in rows}


async def _keepers(db: Writer, division: str) -> dict[str, str]:
    grids = await db.all(
        select(Grid).where(
            inside(Grid.division_code, division),
            col(Grid.officer_name).is_not(None),
            col(Grid.closed_on).is_(None),
        )
    )
    return {str(grid.id): grid.officer_name for grid in grids if grid.officer_name}


def _visited(campaign_id: UUID, household_id: object) -> ColumnElement[bool]:
    return exists().where(
        col(Coverage.campaign_id) == campaign_id, col(Coverage.household_id) == household_id
    )


def _open(campaign_id: UUID) -> ColumnElement[bool]:
    return ~_visited(campaign_id, Assignment.household_id)


def _balanced(shares: Shares, homes: Iterable[Home]) -> Balanced:
    urgent = {home.id for home in homes if home.priority}
    counted = {name: [0, 0] for name in shares.loads}
    for key, name in shares.officers.items():
        counted[name][0] += 1
        counted[name][1] += key in urgent
    return Balanced(
        assigned=len(shares.officers),
        left=shares.left,
        officers=[
            OfficerLoad(officer=name, households=count, priority=first)
            for name, (count, first) in sorted(counted.items())
        ],
    )
