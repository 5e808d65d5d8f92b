"""Which households were visited, and which were not."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import exists
from sqlmodel import col, select

from services.inspection.campaigns.model import Campaign
from services.inspection.replicas.model import Household
from services.inspection.visits.model import Coverage, Visit
from shared.database import Page, PageQuery, Reader
from shared.domain.division import area_range


async def page_of_visits(
    db: Reader, campaign_id: UUID, *, division: str | None, household_id: UUID | None, page: PageQuery
) -> Page[Visit]:
    """Return a campaign's visits in the order of their ids."""
    await db.get(Campaign, campaign_id)
    wanted = select(Visit).where(col(Visit.campaign_id) == campaign_id)
    if division:
        low, high = area_range(division)
        wanted = wanted.where(col(Visit.division_code) >= low, col(Visit.division_code) < high)
    if household_id:
        wanted = wanted.where(col(Visit.household_id) == household_id)
    return await db.page(wanted, order=[col(Visit.id)], page=page)


async def page_of_unvisited(
    db: Reader, campaign_id: UUID, *, division: str | None, page: PageQuery
) -> Page[Household]:
    """Return the households that nobody has seen in this campaign, village by village."""
    campaign = await db.get(Campaign, campaign_id)
    low, high = area_range(division or campaign.division_code)
    seen = exists().where(
        col(Coverage.campaign_id) == campaign_id, col(Coverage.household_id) == col(Household.id)
    )
    wanted = select(Household).where(
        col(Household.division_code) >= low, col(Household.division_code) < high, ~seen
    )
    return await db.page(wanted, order=[col(Household.division_code), col(Household.id)], page=page)
