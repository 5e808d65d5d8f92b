"""Which households were visited, which were not, and what is known of one."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import exists
from sqlmodel import col, select

from services.inspection.campaigns.errors import NotInCampaign
from services.inspection.campaigns.model import Campaign, Schedule
from services.inspection.campaigns.scope import due
from services.inspection.corrections.queries import corrections_of, newest_corrections
from services.inspection.findings.model import Finding, is_open
from services.inspection.replicas.model import Household, Monitored
from services.inspection.replicas.queries import names_of
from services.inspection.visits.form import Knowledge
from services.inspection.visits.model import Coverage, Visit
from services.inspection.visits.schemas import VisitView
from shared.database import Page, PageQuery, Reader, inside
from shared.domain.division import town_of

#: Earlier visits that are looked through.
_VISITS_READ = 20


async def knowledge_of(db: Reader, campaign_id: UUID, household_id: UUID) -> Knowledge:
    """Return what is known of a household before a visit, in eight statements."""
    campaign = await db.get(Campaign, campaign_id)
    household = await db.get(Household, household_id)
    if not campaign.takes(household.division_code, household.kind):
        raise NotInCampaign
    town = town_of(household.division_code)
    names = await names_of(db, [household.division_code])
    return Knowledge(
        campaign=campaign,
        household=household,
        division_name=names.get(household.division_code),
        schedule=await db.first(
            select(Schedule).where(
                col(Schedule.campaign_id) == campaign_id, col(Schedule.division_code) == town
            )
        ),
        # A household has one monitored object at a time; keys grow with time.
        monitored=await db.first(
            select(Monitored)
            .where(col(Monitored.household_id) == household_id)
            .order_by(col(Monitored.id).desc())
        ),
        visits=await db.all(
            select(Visit)
            .where(col(Visit.household_id) == household_id)
            .order_by(col(Visit.visited_at).desc())
            .limit(_VISITS_READ)
        ),
        findings=await db.all(
            select(Finding)
            .where(col(Finding.household_id) == household_id, is_open())
            .order_by(col(Finding.deadline_on), col(Finding.id))
        ),
        corrections=await newest_corrections(db, household_id),
    )


async def page_of_visits(
    db: Reader,
    campaign_id: UUID,
    *,
    division: str | None,
    household_id: UUID | None,
    conflict: str | None,
    page: PageQuery,
) -> Page[Visit]:
    """Return a campaign's visits in the order of their ids."""
    await db.get(Campaign, campaign_id)
    wanted = select(Visit).where(col(Visit.campaign_id) == campaign_id)
    if division:
        wanted = wanted.where(inside(Visit.division_code, division))
    if household_id:
        wanted = wanted.where(col(Visit.household_id) == household_id)
    if conflict:
        wanted = wanted.where(
            col(Visit.in_conflict) if conflict == "open" else col(Visit.settled_by).is_not(None)
        )
    return await db.page(wanted, order=[col(Visit.id)], page=page)


async def shown(db: Reader, visits: Sequence[Visit]) -> list[VisitView]:
    """Return visits as they are shown, with what the registry said to what they found."""
    corrections = await corrections_of(db, [visit.id for visit in visits])
    return [
        VisitView.model_validate(each.model_dump() | {"proposals": corrections[each.id]}) for each in visits
    ]


async def page_of_unvisited(
    db: Reader, campaign_id: UUID, *, division: str | None, page: PageQuery
) -> Page[Household]:
    """Return the households that nobody has seen in this campaign, village by village."""
    campaign = await db.get(Campaign, campaign_id)
    seen = exists().where(
        col(Coverage.campaign_id) == campaign_id, col(Coverage.household_id) == col(Household.id)
    )
    wanted = select(Household).where(due(campaign, division), ~seen)
    return await db.page(wanted, order=[col(Household.division_code), col(Household.id)], page=page)
