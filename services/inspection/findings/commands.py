"""What is done with a finding."""

from __future__ import annotations

from datetime import date
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import func, update
from sqlmodel import col, select

from services.inspection.attachments.queries import ATTACHMENTS
from services.inspection.campaigns.model import Campaign
from services.inspection.findings.dates import deadline_of, step_on
from services.inspection.findings.model import Finding, FindingStatus
from services.inspection.findings.queries import matching
from services.inspection.findings.schemas import (
    BatchPlanDraft,
    FindingQuery,
    MergerDraft,
    PlanDraft,
    RectificationDraft,
    TransferDraft,
)
from shared.attachments.commands import expect_arrived, name_attachments
from shared.attachments.schemas import Naming
from shared.contracts.inspection import (
    FindingClosed,
    FindingEscalated,
    FindingMerged,
    FindingPlanned,
    FindingRectified,
    FindingReopened,
    FindingReturned,
    FindingStarted,
    FindingState,
    FindingTransferProposed,
    FindingTransferred,
    FindingTransferRefused,
)
from shared.database import Writer
from shared.refusal import NotFound

F = TypeVar("F", bound=FindingState)


def told(kind: type[F], finding: Finding) -> F:
    """Return the event of that kind, with the finding's present state."""
    return kind.model_validate(finding, from_attributes=True)


async def plan_finding(db: Writer, finding_id: UUID, draft: PlanDraft, *, version: int) -> Finding:
    """Set measures, responsibility and deadline; later, change them."""
    finding = await _locked(db, finding_id, version)
    campaign = await db.get(Campaign, finding.campaign_id)
    on = step_on(draft.planned_on, db.today, since=finding.last_step_on)
    finding.plan(
        root_cause=draft.root_cause,
        measures=draft.measures,
        unit=draft.responsible_unit,
        person=draft.responsible_person,
        deadline_on=deadline_of(campaign, draft.deadline(on), on) or finding.deadline_on,
        on=on,
    )
    return await _stored(db, finding, FindingPlanned)


async def plan_many(db: Writer, draft: BatchPlanDraft) -> int:
    """Give one plan to all findings that the filter names and that have none; return how many."""
    campaign = await db.get(Campaign, draft.campaign_id)
    plan, on = draft.plan, step_on(draft.plan.planned_on, db.today)
    wanted = FindingQuery(
        campaign_id=campaign.id,
        division=draft.division,
        area=draft.areas,
        item=draft.items,
        status=[FindingStatus.RAISED, FindingStatus.REOPENED],
        transferring=False,
    )
    chosen = [col(Finding.id).in_(draft.ids)] if draft.ids is not None else []
    changed: dict[str, Any] = {
        "status": FindingStatus.PLANNED,
        "root_cause": func.coalesce(plan.root_cause, col(Finding.root_cause)),
        "measures": plan.measures,
        "responsible_unit": plan.responsible_unit,
        "responsible_person": plan.responsible_person,
        "planned_on": on,
    }
    if deadline_on := deadline_of(campaign, plan.deadline(on), on):
        changed |= {"deadline_on": deadline_on, "due_soon_on": None, "overdue_on": None}
    planned = await db.execute(
        update(Finding)
        # What was raised, or last rectified, after the date of the plan, the planner cannot have had before them.
        .where(
            *matching(wanted, db.today), *chosen, func.coalesce(Finding.rectified_on, Finding.raised_on) <= on
        )
        .values(changed)
        .returning(Finding)
        .execution_options(synchronize_session=False, populate_existing=True)
    )
    findings = planned.scalars().all()
    db.record(*[told(FindingPlanned, finding) for finding in findings])
    return len(findings)


async def start_finding(db: Writer, finding_id: UUID, *, version: int) -> Finding:
    """Begin to rectify."""
    finding = await _locked(db, finding_id, version)
    finding.start()
    return await _stored(db, finding, FindingStarted)


async def rectify(db: Writer, finding_id: UUID, draft: RectificationDraft, *, version: int) -> Finding:
    """Submit the rectification for verification."""
    finding = await _locked(db, finding_id, version)
    finding.rectify(
        what=draft.rectification,
        evidence=draft.evidence,
        by=db.principal.subject,
        name=db.principal.name,
        on=step_on(draft.rectified_on, db.today, since=finding.last_step_on),
    )
    named = Naming(finding.id, finding.division_code, finding.household_id, draft.attachments)
    await name_attachments(db, ATTACHMENTS, [named])
    return await _stored(db, finding, FindingRectified)


async def close_finding(db: Writer, finding_id: UUID, verified_on: date | None, *, version: int) -> Finding:
    """Verify and strike off the ledger."""
    finding = await _locked(db, finding_id, version)
    await expect_arrived(db, ATTACHMENTS, finding.id)
    on = step_on(verified_on, db.today, since=finding.last_step_on)
    finding.verify(by=db.principal.subject, name=db.principal.name, on=on)
    return await _stored(db, finding, FindingClosed)


async def return_finding(db: Writer, finding_id: UUID, reason: str, *, version: int) -> Finding:
    """Send an insufficient rectification back."""
    finding = await _locked(db, finding_id, version)
    finding.send_back(reason=reason)
    return await _stored(db, finding, FindingReturned)


async def reopen_finding(db: Writer, finding_id: UUID, reason: str, *, version: int) -> Finding:
    """Bring a closed finding back."""
    finding = await _locked(db, finding_id, version)
    finding.reopen(reason=reason)
    return await _stored(db, finding, FindingReopened)


async def propose_transfer(db: Writer, finding_id: UUID, draft: TransferDraft, *, version: int) -> Finding:
    """Offer a finding to another unit."""
    finding = await _locked(db, finding_id, version)
    finding.transfer(to=draft.unit, reason=draft.reason, by=db.principal.subject)
    return await _stored(db, finding, FindingTransferProposed)


async def accept_transfer(db: Writer, finding_id: UUID, person: str, *, version: int) -> Finding:
    """Take a finding over in the other unit's name; ``person`` answers for it there."""
    finding = await _locked(db, finding_id, version)
    finding.accept_transfer(person=person, by=db.principal.subject)
    return await _stored(db, finding, FindingTransferred)


async def refuse_transfer(db: Writer, finding_id: UUID, reason: str, *, version: int) -> Finding:
    """Leave a finding with the unit that has it."""
    finding = await _locked(db, finding_id, version)
    finding.refuse_transfer(reason=reason)
    return await _stored(db, finding, FindingTransferRefused)


async def merge_finding(db: Writer, finding_id: UUID, draft: MergerDraft, *, version: int) -> Finding:
    """Strike a finding off as a duplicate of another one."""
    # Both locked, in order: the other one cannot end meanwhile, and two mergers never wait for each other.
    wanted = select(Finding).where(col(Finding.id).in_([finding_id, draft.into])).order_by(col(Finding.id))
    found = {each.id: each for each in await db.all(wanted.with_for_update())}
    if found.keys() != {finding_id, draft.into}:
        raise NotFound
    finding = found[finding_id].expect(version)
    finding.merge(found[draft.into], reason=draft.reason)
    return await _stored(db, finding, FindingMerged)


async def escalate_finding(db: Writer, finding_id: UUID, reason: str, *, version: int) -> Finding:
    """Take a finding to the table above."""
    finding = await _locked(db, finding_id, version)
    finding.escalate(reason=reason, on=db.today)
    return await _stored(db, finding, FindingEscalated)


async def _locked(db: Writer, finding_id: UUID, version: int) -> Finding:
    # Locked, so that of two who read the same version the second is told so instead of overwriting the first.
    finding = await db.one(select(Finding).where(col(Finding.id) == finding_id).with_for_update())
    return finding.expect(version)


async def _stored(db: Writer, finding: Finding, kind: type[FindingState]) -> Finding:
    await db.flush()
    db.record(told(kind, finding))
    return finding
