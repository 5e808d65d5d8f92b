"""Assigning households: by name, by sharing out, by handing over; in sets of any size."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    and_,
    exists,
    func,
    literal_column,
    or_,
    select as rows_of,
    text,
    true,
    update,
)
from sqlmodel import col, select

from services.inspection.assignments.model import Assignment
from services.inspection.assignments.queries import PRIORITY, UNIT, assigned_in
from services.inspection.assignments.rules import Home, Officer, Shares, share
from services.inspection.assignments.schemas import (
    AssignmentDraft,
    AssignmentsDraft,
    Balanced,
    BalanceDraft,
    HandoverDraft,
    OfficerLoad,
)
from services.inspection.campaigns.commands import campaign_for
from services.inspection.campaigns.errors import NotInCampaign
from services.inspection.campaigns.model import Campaign
from services.inspection.campaigns.scope import due
from services.inspection.replicas.model import Grid, Household
from services.inspection.teams.model import Team
from services.inspection.visits.model import Coverage
from shared.database import Writer, inside
from shared.domain.division import within

_CHUNK = 10_000
_GIVE = text(
    """
    INSERT INTO assignment (id, campaign_id, household_id, division_code, officer)
    SELECT gen_random_uuid(), :campaign, household.id, household.division_code, given.officer
    FROM unnest(CAST(:ids AS uuid[]), CAST(:officers AS text[])) given (id, officer) JOIN household USING (id)
    ORDER BY household.id
    ON CONFLICT (campaign_id, household_id) DO UPDATE SET officer = excluded.officer, reason = NULL
    WHERE assignment.officer <> excluded.officer
    """
)


async def assign(db: Writer, campaign_id: UUID, draft: AssignmentsDraft) -> int:
    """Give officers to villages, groups, grids or households; return how many households have another one now."""
    grids = await _grids(db, [each.grid_id for each in draft.assignments if each.grid_id])
    campaign = await db.get(Campaign, campaign_id)
    for code in {*grids.values(), *(each.division_code for each in draft.assignments if each.division_code)}:
        campaign = await campaign_for(db, campaign_id, code)
    campaign.expect_not_closed()
    named = {key for each in draft.assignments for key in each.household_ids or ()}
    wanted = or_(
        col(Household.id).in_(named),
        *(inside(Household.division_code, code) for code in grids.values()),
        *(
            inside(Household.division_code, each.division_code)
            for each in draft.assignments
            if each.division_code
        ),
    )
    homes = await db.rows(
        rows_of(col(Household.id), col(Household.division_code), col(Household.group_name), _UNIT).where(
            due(campaign), wanted
        )
    )
    if not named <= {home.id for home in homes}:
        raise NotInCampaign
    # The narrower wins, then the later.
    ordered = sorted(draft.assignments, key=_narrowness)
    officers: dict[UUID, str] = {}
    for each in ordered:
        officers |= {home.id: each.officer for home in homes if _is_meant(each, *home)}
    return await _give(db, campaign_id, officers)


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
    await _give(db, campaign_id, shares.officers)
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


def _narrowness(draft: AssignmentDraft) -> int:
    return 3 if draft.household_ids else 2 if draft.grid_id else 1 if draft.group_name else 0


def _is_meant(draft: AssignmentDraft, key: UUID, division_code: str, group: str | None, unit: str) -> bool:
    if draft.household_ids:
        return key in draft.household_ids
    if draft.grid_id:
        return unit == str(draft.grid_id)
    return within(division_code, draft.division_code or "") and draft.group_name in (None, group)


async def _give(db: Writer, campaign_id: UUID, officers: Mapping[UUID, str]) -> int:
    changed, ids = 0, list(officers)
    for start in range(0, len(ids), _CHUNK):
        chunk = ids[start : start + _CHUNK]
        names = [officers[key] for key in chunk]
        done = await db.execute(_GIVE, {"campaign": campaign_id, "ids": chunk, "officers": names})
        changed += done.rowcount
    return changed


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
