"""What is done with a campaign."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import update
from sqlmodel import col, select

from services.inspection.campaigns.errors import EarlierNotClosed, NotInCampaign, OutsideYourArea
from services.inspection.campaigns.model import Campaign, CampaignStatus, Schedule, stored
from services.inspection.campaigns.phases import check_phases, default_phases
from services.inspection.campaigns.schemas import CampaignDraft, ScheduleDraft
from services.inspection.checklists.catalog import checklist_of
from services.inspection.findings.model import Finding, is_open
from shared.contracts.inspection import (
    CampaignClosed,
    CampaignOpened,
    CampaignPaused,
    CampaignResumed,
    CampaignState,
    FindingInherited,
)
from shared.database import Writer, inside
from shared.domain.division import area_range, within


async def plan_campaign(db: Writer, draft: CampaignDraft) -> Campaign:
    """Plan a campaign for a division of the caller's own."""
    if not db.principal.covers(draft.division_code):
        raise OutsideYourArea
    checklist_of(draft.checklist)
    divisions = draft.divisions or (draft.division_code,)
    if not all(within(each, draft.division_code) for each in divisions):
        raise NotInCampaign
    if draft.inherits:
        await db.get(Campaign, draft.inherits)
    phases = draft.phases or default_phases(draft.starts_on, draft.ends_on)
    check_phases(phases, starts_on=draft.starts_on, ends_on=draft.ends_on)
    campaign = Campaign(
        **draft.model_dump(exclude={"phases", "divisions"}),
        divisions=list(divisions),
        division_end=area_range(draft.division_code)[1],
        phases=stored(phases),
    )
    db.add(campaign)
    await db.flush()
    return campaign


async def campaign_for(db: Writer, campaign_id: UUID, division_code: str) -> Campaign:
    """Return a campaign that has not ended, for work on a division of the caller's that takes part in it."""
    campaign = await db.get(Campaign, campaign_id)
    campaign.expect_not_closed()
    if not db.principal.covers(division_code):
        raise OutsideYourArea
    # A town takes part where the whole of it does, or a village of it.
    if not any(within(division_code, each) or within(each, division_code) for each in campaign.divisions):
        raise NotInCampaign
    return campaign


async def schedule_town(db: Writer, campaign_id: UUID, draft: ScheduleDraft) -> Schedule:
    """Give a town or park its own dates, or change them."""
    campaign = await campaign_for(db, campaign_id, draft.division_code)
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
    """Begin (启动排查), with the unfinished findings of the campaign that this one goes on from."""
    campaign = await _own(db, campaign_id, version)
    campaign.open()
    await _stored(db, campaign, CampaignOpened)
    if campaign.inherits:
        await _take_over(db, campaign, campaign.inherits)
    return campaign


async def pause_campaign(db: Writer, campaign_id: UUID, reason: str, *, version: int) -> Campaign:
    """Interrupt (暂停排查)."""
    campaign = await _own(db, campaign_id, version)
    campaign.pause(reason)
    return await _stored(db, campaign, CampaignPaused)


async def resume_campaign(db: Writer, campaign_id: UUID, *, version: int) -> Campaign:
    """Go on (恢复排查)."""
    campaign = await _own(db, campaign_id, version)
    campaign.resume()
    return await _stored(db, campaign, CampaignResumed)


async def close_campaign(db: Writer, campaign_id: UUID, *, version: int) -> Campaign:
    """End (结束排查)."""
    campaign = await _own(db, campaign_id, version)
    campaign.close()
    return await _stored(db, campaign, CampaignClosed)


async def _stored(db: Writer, campaign: Campaign, kind: type[CampaignState]) -> Campaign:
    await db.flush()
    db.record(kind.model_validate(campaign, from_attributes=True))
    return campaign


async def _take_over(db: Writer, campaign: Campaign, earlier_id: UUID) -> None:
    """Let the findings that an earlier campaign left open be this one's; their deadlines stay."""
    earlier = await db.get(Campaign, earlier_id)
    if earlier.status != CampaignStatus.CLOSED:
        raise EarlierNotClosed
    taken = await db.execute(
        update(Finding)
        .where(
            col(Finding.campaign_id) == earlier.id,
            is_open(),
            inside(Finding.division_code, campaign.division_code),
        )
        .values(campaign_id=campaign.id, inherited_from=earlier.id)
        .returning(Finding)
        .execution_options(synchronize_session=False, populate_existing=True)
    )
    findings = taken.scalars().all()
    db.record(*(FindingInherited.model_validate(each, from_attributes=True) for each in findings))


async def _own(db: Writer, campaign_id: UUID, version: int) -> Campaign:
    """Return the campaign locked for a change; a town sees the county's campaign, but does not run it."""
    campaign = await db.one(select(Campaign).where(col(Campaign.id) == campaign_id).with_for_update())
    if not db.principal.covers(campaign.division_code):
        raise OutsideYourArea
    campaign.expect(version)
    return campaign
