"""Freezing a week."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from sqlmodel import col, select

from services.inspection.campaigns.errors import OutsideYourArea
from services.inspection.campaigns.model import Campaign
from services.inspection.campaigns.progress import progress_of
from services.inspection.campaigns.schemas import DivisionProgress, Progress
from services.inspection.dispatches.model import Dispatch, Week, week_of
from services.inspection.dispatches.rules import change_of, ranked
from services.inspection.dispatches.schemas import DispatchContent
from services.inspection.dispatches.watching import watch_of
from shared.contracts.inspection import DispatchFrozen
from shared.database import Writer
from shared.domain.division import area_range


async def freeze_this_week(db: Writer, campaign_id: UUID) -> tuple[Week, int, bool]:
    """Freeze the week of today by hand; return it, how many units it has, and whether it was new."""
    campaign = await db.get(Campaign, campaign_id)
    if not db.principal.covers(campaign.division_code):
        raise OutsideYourArea
    week = week_of(db.today, starts_on=campaign.starts_on, ends_on=campaign.ends_on)
    units, new = await freeze(db, campaign_id, week)
    return week, units, new


async def freeze(db: Writer, campaign_id: UUID, week: Week) -> tuple[int, bool]:
    """Freeze a week of the whole campaign as things stand now, once: whoever comes second finds it done."""
    # Locked, so that of two who freeze at once the second sees what the first one froze.
    campaign = await db.one(select(Campaign).where(col(Campaign.id) == campaign_id).with_for_update())
    frozen = await db.all(
        select(Dispatch.id).where(col(Dispatch.campaign_id) == campaign_id, col(Dispatch.week) == week.number)
    )
    if frozen:
        return len(frozen), False
    county = await progress_of(db, campaign_id, by="town", division=campaign.division_code)
    before = await _week_before(db, campaign_id, week)
    dispatches = [await _dispatch(db, campaign, week, county, before)]
    for town in county.divisions:
        code = town.division_code
        if code != campaign.division_code:
            progress = await progress_of(db, campaign_id, by="village", division=code)
            dispatches.append(await _dispatch(db, campaign, week, progress, before))
    db.add(*dispatches)
    await db.flush()
    db.record(*(_told(each) for each in dispatches))
    return len(dispatches), True


async def _week_before(db: Writer, campaign_id: UUID, week: Week) -> Mapping[str, DivisionProgress]:
    """Return what the newest week frozen before says of each division."""
    earlier = await db.all(
        select(Dispatch)
        .where(col(Dispatch.campaign_id) == campaign_id, col(Dispatch.week) < week.number)
        .order_by(col(Dispatch.week))
    )
    known: dict[str, DivisionProgress] = {}
    for each in earlier:
        content = DispatchContent.model_validate(each.content)
        known |= {line.progress.division_code: line.progress for line in content.lines}
        known[content.division_code] = content.total
    return known


async def _dispatch(
    db: Writer, campaign: Campaign, week: Week, progress: Progress, before: Mapping[str, DivisionProgress]
) -> Dispatch:
    code = progress.total.division_code
    content = DispatchContent(
        campaign_id=campaign.id,
        campaign_name=campaign.name,
        division_code=code,
        division_name=progress.total.name,
        week=week.number,
        starts_on=week.starts_on,
        ends_on=week.ends_on,
        as_of=progress.as_of,
        total=progress.total,
        change=change_of(progress.total, before.get(code)),
        lines=ranked([each for each in progress.divisions if each.division_code != code], before),
        areas=progress.areas,
        watch=await watch_of(db, campaign.id, campaign.checklist, code),
        sources=_sources(campaign.id, code),
    )
    return Dispatch(
        campaign_id=campaign.id,
        division_code=code,
        division_end=area_range(code)[1],
        week=week.number,
        starts_on=week.starts_on,
        ends_on=week.ends_on,
        frozen_at=db.now,
        frozen_by=db.principal.name,
        content=content.model_dump(mode="json"),
    )


def _sources(campaign_id: UUID, code: str) -> dict[str, str]:
    """Return the lists behind the figures; ``as_of`` of a finding shows it as it was counted."""
    findings = f"/findings?campaign_id={campaign_id}&division={code}"
    return {
        "visited": f"/campaigns/{campaign_id}/visits?division={code}",
        "unvisited": f"/campaigns/{campaign_id}/unvisited?division={code}",
        "raised": findings,
        "closed": f"{findings}&status=closed",
        "submitted": f"{findings}&status=submitted",
        "merged": f"{findings}&status=merged",
        "overdue": f"{findings}&overdue=true",
    }


def _told(dispatch: Dispatch) -> DispatchFrozen:
    total = DispatchContent.model_validate(dispatch.content).total
    return DispatchFrozen(
        id=dispatch.id,
        division_code=dispatch.division_code,
        version=1,
        campaign_id=dispatch.campaign_id,
        week=dispatch.week,
        starts_on=dispatch.starts_on,
        ends_on=dispatch.ends_on,
        due=total.due,
        visited=total.visited,
        raised=total.findings.raised,
        closed=total.findings.closed,
        overdue=total.findings.overdue,
    )
