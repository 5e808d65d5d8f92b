"""Recording visits: one or two hundred at a time, by the same path."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeVar
from uuid import UUID

from sqlmodel import col, select

from services.inspection.asking.rules import named
from services.inspection.attachments.queries import ATTACHMENTS
from services.inspection.campaigns.model import Campaign, Schedule
from services.inspection.corrections.commands import propose
from services.inspection.corrections.model import Correction
from services.inspection.corrections.rules import proposals
from services.inspection.findings.model import Finding
from services.inspection.findings.raising import enter
from services.inspection.replicas.model import Household
from services.inspection.visits.conflicts import Sent, conflicts_of
from services.inspection.visits.errors import VisitIdReused
from services.inspection.visits.model import Coverage, Visit
from services.inspection.visits.rules import Circumstances, answered, findings_of, judge, signals_of, visit_of
from services.inspection.visits.schemas import VisitDraft
from shared.attachments.commands import name_attachments
from shared.attachments.schemas import Naming
from shared.contracts.inspection import HouseholdVisited, RiskSignal
from shared.database import Writer
from shared.refusal import Refusal

V = TypeVar("V", bound=HouseholdVisited)


@dataclass(frozen=True)
class Recorded:
    """A visit that is on record now; ``replayed`` if it was before."""

    visit: Visit
    replayed: bool = False


Outcome = Recorded | Refusal


@dataclass
class _Batch:
    """What a batch adds, gathered before it is stored in sets."""

    known: Circumstances
    #: Visits on record with an id of the batch, and households visited already; both grow with the batch.
    visits: dict[UUID, Visit]
    visited: set[UUID]
    #: Visits of others since the oldest form of the batch was made, and the batch's own.
    earlier: list[Sent]
    findings: list[Finding] = field(default_factory=list)
    signals: dict[UUID, tuple[RiskSignal, ...]] = field(default_factory=dict)
    corrections: dict[UUID, list[Correction]] = field(default_factory=dict)
    named: list[Naming] = field(default_factory=list)


async def record_visit(db: Writer, campaign_id: UUID, draft: VisitDraft) -> Recorded:
    """Record one visit, or refuse it."""
    outcome = (await record_visits(db, campaign_id, [draft]))[0]
    if isinstance(outcome, Refusal):
        raise outcome
    return outcome


async def record_visits(
    db: Writer, campaign_id: UUID, drafts: Sequence[VisitDraft | Refusal]
) -> list[Outcome]:
    """Record visits; each is taken, recognised as one that is on record, or refused by itself.

    What could not be read as a visit comes as its refusal and keeps its place.
    """
    batch = await _load(db, campaign_id, [draft for draft in drafts if isinstance(draft, VisitDraft)])
    outcomes = [_outcome(db, batch, draft) for draft in drafts]
    visits = [outcome.visit for outcome in outcomes if isinstance(outcome, Recorded) and not outcome.replayed]
    db.add(*visits, *(_coverage(visit) for visit in visits if visit.first))
    await db.flush()
    db.record(*(told(HouseholdVisited, visit, batch.signals[visit.id]) for visit in visits))
    await propose(db, visits, batch.corrections)
    await enter(db, batch.findings)
    await name_attachments(db, ATTACHMENTS, batch.named)
    return outcomes


async def settle_conflicts(
    db: Writer, campaign_id: UUID, visit_id: UUID, reason: str, *, version: int
) -> Visit:
    """Say how what a visit found and what the registry knew go together."""
    wanted = select(Visit).where(col(Visit.campaign_id) == campaign_id, col(Visit.id) == visit_id)
    visit = (await db.one(wanted.with_for_update())).expect(version)
    visit.settle(by=db.principal.name, why=reason)
    await db.flush()
    return visit


async def _load(db: Writer, campaign_id: UUID, drafts: Sequence[VisitDraft]) -> _Batch:
    campaign = await db.get(Campaign, campaign_id)
    household_ids = {draft.household_id for draft in drafts}
    # Locked, in order: two deliveries of one batch, and two visits to one household, take turns, so that what is
    # read next stays true until the commit.
    households = await db.all(
        select(Household)
        .where(col(Household.id).in_(household_ids))
        .order_by(col(Household.id))
        .with_for_update(key_share=True)
    )
    schedules = await db.all(select(Schedule).where(col(Schedule.campaign_id) == campaign_id))
    visits = await db.all(select(Visit).where(col(Visit.id).in_([draft.id for draft in drafts if draft.id])))
    visited = await db.all(
        select(Coverage.household_id).where(
            col(Coverage.campaign_id) == campaign_id, col(Coverage.household_id).in_(household_ids)
        )
    )
    known = Circumstances(
        campaign=campaign,
        schedules={schedule.division_code: schedule for schedule in schedules},
        households={household.id: household for household in households},
        now=db.now,
    )
    earlier = await _since_forms(db, campaign_id, drafts)
    return _Batch(known, {visit.id: visit for visit in visits}, set(visited), earlier)


async def _since_forms(db: Writer, campaign_id: UUID, drafts: Sequence[VisitDraft]) -> list[Sent]:
    forms = {draft.household_id: draft.form.made_at for draft in drafts if draft.form}
    if not forms:
        return []
    since = select(Visit).where(
        col(Visit.campaign_id) == campaign_id,
        col(Visit.household_id).in_(forms),
        col(Visit.changed_at) > min(forms.values()),
    )
    return [(each.changed_at, each) for each in await db.all(since.order_by(col(Visit.changed_at)))]


def _outcome(db: Writer, batch: _Batch, draft: VisitDraft | Refusal) -> Outcome:
    if isinstance(draft, Refusal):
        return draft
    on_record = batch.visits.get(draft.id) if draft.id else None
    if on_record:
        # The same answers in another campaign are another visit: taken for this one they would count for neither.
        same = (on_record.campaign_id, on_record.digest) == (batch.known.campaign.id, draft.digest())
        return Recorded(on_record, replayed=True) if same else VisitIdReused()
    first = draft.household_id not in batch.visited
    try:
        judge(draft, batch.known, first=first)
    except Refusal as refusal:
        return refusal
    digest, draft = draft.digest(), answered(draft, batch.known)
    visit = visit_of(draft, batch.known, first=first, digest=digest)
    findings = findings_of(visit, draft, batch.known, by=db.principal.subject, name=db.principal.name)
    others = [each for each in batch.earlier if each[1].household_id == visit.household_id]
    conflicts = conflicts_of(draft, batch.known.household(visit.household_id), others)
    visit.conflicts = [each.model_dump(mode="json", exclude={"zh", "en"}) for each in conflicts]
    visit.in_conflict = any(each.kind == "hard" for each in conflicts)
    batch.earlier.append((db.now, visit))
    visit.finding_ids = [str(finding.id) for finding in findings]
    batch.visits[visit.id] = visit
    batch.visited.add(visit.household_id)
    batch.findings += findings
    own = Naming(visit.id, visit.division_code, visit.household_id, draft.attachments)
    batch.named += named(own, draft.answers, findings)
    batch.signals[visit.id] = signals_of(draft, batch.known)
    household = batch.known.household(visit.household_id)
    batch.corrections[visit.id] = proposals(visit, draft.corrections, draft.shown, household)
    return Recorded(visit)


def _coverage(visit: Visit) -> Coverage:
    return Coverage(
        campaign_id=visit.campaign_id,
        household_id=visit.household_id,
        visit_id=visit.id,
        division_code=visit.division_code,
    )


def told(kind: type[V], visit: Visit, signals: tuple[RiskSignal, ...]) -> V:
    """Return the event of that kind, with what was seen."""
    failed = {answer["item"] for answer in visit.answers if not answer["ok"]}
    return kind(
        id=visit.id,
        division_code=visit.division_code,
        version=visit.version,
        campaign_id=visit.campaign_id,
        household_id=visit.household_id,
        visited_at=visit.visited_at,
        officer=visit.officer,
        failed_items=tuple(sorted(failed)),
        signals=signals,
    )
