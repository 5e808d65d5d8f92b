"""Entering findings into the ledger."""

from __future__ import annotations

from typing import Any

from services.inspection.attachments.queries import ATTACHMENTS
from services.inspection.campaigns.errors import NotInCampaign, OutsideYourArea
from services.inspection.campaigns.model import Campaign
from services.inspection.checklists.catalog import item_of
from services.inspection.checklists.model import OF_A_VISIT, Item
from services.inspection.findings import errors
from services.inspection.findings.commands import told
from services.inspection.findings.dates import deadline_of, step_on
from services.inspection.findings.model import Finding
from services.inspection.findings.objects import about_household, kind_of, level_of
from services.inspection.findings.repeats import link_repeats
from services.inspection.findings.schemas import (
    FindingDraft,
)
from services.inspection.objects.model import InspectedObject
from services.inspection.replicas.model import Division, Household
from shared.attachments.commands import name_attachments
from shared.attachments.schemas import Naming
from shared.contracts.inspection import (
    FindingClosed,
    FindingRaised,
)
from shared.database import Writer
from shared.domain.division import within


async def raise_finding(db: Writer, draft: FindingDraft) -> Finding:
    """Raise a finding by hand."""
    campaign = await db.get(Campaign, draft.campaign_id)
    campaign.expect_open()
    item = item_of(campaign.checklist, draft.item)
    raised_on = step_on(draft.raised_on, db.today)
    about = await _object_of(db, campaign, item, draft)
    kind = kind_of(item, about)
    finding = Finding(
        campaign_id=campaign.id,
        item=item.code,
        object_kind=kind,
        facts=draft.facts,
        severity=draft.severity or item.severity,
        source=draft.source,
        raised_on=raised_on,
        raised_by=db.principal.name,
        level=level_of(kind),
        deadline_on=deadline_of(campaign, draft.deadline_on, raised_on)
        or campaign.deadline(raised_on, item.deadline_days),
        **about,
    )
    if spot := draft.on_the_spot:
        finding.correct_on_the_spot(
            what=spot.measure,
            evidence=spot.evidence,
            by=db.principal.subject,
            name=db.principal.name,
            on=raised_on,
        )
    await enter(db, [finding])
    named = Naming(finding.id, finding.division_code, finding.household_id, draft.attachments)
    await name_attachments(db, ATTACHMENTS, [named])
    return finding


async def enter(db: Writer, findings: list[Finding]) -> None:
    """Enter new findings into the ledger, each linked to what it repeats, and tell of them.

    One corrected on the spot is raised and closed in the same breath.
    """
    await link_repeats(db, findings)
    db.add(*findings)
    await db.flush()
    db.record(*[told(FindingRaised, finding) for finding in findings])
    db.record(*[told(FindingClosed, finding) for finding in findings if finding.on_the_spot])


async def _object_of(db: Writer, campaign: Campaign, item: Item, draft: FindingDraft) -> dict[str, Any]:
    """Return where the finding lies and what it is about, as columns."""
    if item.object in OF_A_VISIT and not (draft.object_id and item.applies.objects):
        if draft.household_id is None:
            raise errors.ObjectNeeded
        household = await db.get(Household, draft.household_id)
        about = about_household(household, item, draft.member_id)
    elif draft.object_id:
        known = await db.get(InspectedObject, draft.object_id)
        about = {"division_code": known.division_code, "object_id": known.id, "object_name": known.name}
    else:
        if draft.division_code is None:
            raise errors.ObjectNeeded
        if not db.principal.covers(draft.division_code):
            raise OutsideYourArea
        division = await db.find(Division, draft.division_code)
        name = draft.object_name or (division.name if division else draft.division_code)
        about = {"division_code": draft.division_code, "object_name": name}
    if not within(about["division_code"], campaign.division_code):
        raise NotInCampaign
    return about
