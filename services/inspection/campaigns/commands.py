"""What is done with a campaign."""

from __future__ import annotations

from uuid import UUID

from sqlmodel import col, select

from services.inspection.campaigns.errors import NotInCampaign, OutsideYourArea
from services.inspection.campaigns.model import Campaign, Schedule, stored
from services.inspection.campaigns.phases import check_phases, default_phases
from services.inspection.campaigns.schemas import CampaignDraft, ScheduleDraft
from services.inspection.checklists.catalog import checklist_of
from shared.contracts.inspection import CampaignClosed, CampaignOpened
from shared.database import Writer
from shared.domain.division import area_range, within


async def plan_campaign(db: Writer, draft: CampaignDraft) -> Campaign:
    """Plan a campaign for a division of the caller's own."""
    if not db.principal.covers(draft.division_code):
        raise OutsideYourArea
    checklist_of(draft.checklist)
    phases = draft.phases or default_phases(draft.starts_on, draft.ends_on)
    check_phases(phases, starts_on=draft.starts_on, ends_on=draft.ends_on)
    campaign = Campaign(
        **draft.model_dump(exclude={"phases"}),
        division_end=area_range(draft.division_code)[1],
        phases=stored(phases),
    )
    db.add(campaign)
    await db.flush()
    return campaign


async def schedule_town(db: Writer, campaign_id: UUID, draft: ScheduleDraft) -> Schedule:
    """Give a town or park its own dates, or change them."""
    campaign = await db.get(Campaign, campaign_id)
    campaign.expect_not_closed()
    if not db.principal.covers(draft.division_code):
        raise OutsideYourArea
    if not within(draft.division_code, campaign.division_code):
        raise NotInCampaign
    check_phases(draft.phases, starts_on=campaign.starts_on, ends_on=campaign.ends_on)
    schedule = await db.first(
        select(Schedule)
        .where(col(Schedule.campaign_id) == campaign_id, col(Schedule.division_code) == draft.division_code)
        .with_for_update()
    )
    if schedule is None:
        division_end = area_range(draft.division_code)[1]
        schedule = Schedule(
            campaign_id=campaign_id, division_code=draft.division_code, division_end=division_end, phases=[]
        )
        db.add(schedule)
    schedule.phases = stored(draft.phases)
    await db.flush()
    return schedule


async def open_campaign(db: Writer, campaign_id: UUID, *, version: int) -> Campaign:
    """Begin (启动排查)."""
    campaign = await _own(db, campaign_id, version)
    campaign.open()
    await db.flush()
    db.record(CampaignOpened.model_validate(campaign, from_attributes=True))
    return campaign


async def close_campaign(db: Writer, campaign_id: UUID, *, version: int) -> Campaign:
    """End (结束排查)."""
    campaign = await _own(db, campaign_id, version)
    campaign.close()
    await db.flush()
    db.record(CampaignClosed.model_validate(campaign, from_attributes=True))
    return campaign


async def _own(db: Writer, campaign_id: UUID, version: int) -> Campaign:
    """Return the campaign locked for a change; a town sees the county's campaign, but does not run it."""
    campaign = await db.one(select(Campaign).where(col(Campaign.id) == campaign_id).with_for_update())
    if not db.principal.covers(campaign.division_code):
        raise OutsideYourArea
    campaign.expect(version)
    return campaign
