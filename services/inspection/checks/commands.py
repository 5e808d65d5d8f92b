"""Recording checks."""

from __future__ import annotations

from uuid import UUID

from sqlmodel import col, select

from services.inspection.asking.rules import Asked, named, told_by
from services.inspection.asking.schemas import Answer
from services.inspection.attachments.queries import ATTACHMENTS
from services.inspection.campaigns.errors import OutsideYourArea
from services.inspection.campaigns.model import Campaign
from services.inspection.checklists.catalog import item_of
from services.inspection.checklists.model import Item
from services.inspection.checks.errors import CheckIdReused, NotAskedHere
from services.inspection.checks.model import SiteCheck
from services.inspection.checks.queries import schedule_at
from services.inspection.checks.schemas import CheckDraft
from services.inspection.checks.sites import Site, site_of
from services.inspection.findings.raising import enter
from services.inspection.visits.rules import expect_timely, visiting_days
from shared import clock
from shared.attachments.commands import name_attachments
from shared.attachments.schemas import Naming
from shared.database import Writer
from shared.keys import uuid7


async def record_check(db: Writer, campaign_id: UUID, draft: CheckDraft) -> tuple[SiteCheck, bool]:
    """Record a check, with a finding for each failed item; tell whether it was on record before."""
    # Checks of a campaign take turns: of two with one id the second sees the first.
    campaign = await db.one(
        select(Campaign).where(col(Campaign.id) == campaign_id).with_for_update(key_share=True)
    )
    known = await db.find(SiteCheck, draft.id) if draft.id else None
    if known:
        if (known.campaign_id, known.digest) != (campaign.id, draft.digest()):
            raise CheckIdReused
        return known, True
    campaign.expect_open()
    site = await site_of(db, campaign, division_code=draft.division_code, object_id=draft.object_id)
    if not db.principal.covers(site.division_code):
        raise OutsideYourArea
    scheduled = await schedule_at(db, campaign, site.division_code)
    expect_timely(draft.checked_at, db.now, visiting_days(scheduled, first=False))
    answers = [_told(campaign, site, answer) for answer in draft.answers]
    check = _check(campaign, site, draft, [answer for _item, answer in answers])
    asked = Asked(
        campaign,
        clock.date_of(draft.checked_at),
        draft.officer,
        db.principal.subject,
        db.principal.name,
        source="check",
    )
    about = {"division_code": site.division_code, "object_id": site.object_id, "object_name": site.name}
    findings = [asked.finding(item, answer, **about) for item, answer in answers if not answer.ok]
    check.finding_ids = [str(finding.id) for finding in findings]
    db.add(check)
    await enter(db, findings)
    own = Naming(check.id, check.division_code, None, draft.attachments)
    await name_attachments(db, ATTACHMENTS, named(own, [answer for _item, answer in answers], findings))
    return check, False


def _told(campaign: Campaign, site: Site, answer: Answer) -> tuple[Item, Answer]:
    item = item_of(campaign.checklist, answer.item)
    if not site.is_asked(item):
        raise NotAskedHere(answer.item)
    return item, told_by(answer, item)


def _check(campaign: Campaign, site: Site, draft: CheckDraft, answers: list[Answer]) -> SiteCheck:
    return SiteCheck(
        id=draft.id or uuid7(),
        campaign_id=campaign.id,
        division_code=site.division_code,
        object_id=site.object_id,
        object_name=site.name,
        checked_at=draft.checked_at,
        officer=draft.officer,
        answers=[answer.model_dump(mode="json") for answer in answers],
        finding_ids=[],
        digest=draft.digest(),
    )
