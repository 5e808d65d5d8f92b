"""Whether a visit is taken, and what comes of it: no I/O."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from services.inspection.asking.rules import Asked, told_by
from services.inspection.asking.schemas import Answer
from services.inspection.campaigns.errors import NotInCampaign
from services.inspection.campaigns.model import Campaign, Schedule, phase_of
from services.inspection.campaigns.phases import PhaseKind
from services.inspection.checklists.catalog import item_of
from services.inspection.checklists.model import OF_A_VISIT
from services.inspection.corrections.rules import corrected
from services.inspection.findings.model import Finding
from services.inspection.findings.objects import about_household
from services.inspection.replicas.model import Household
from services.inspection.visits.errors import (
    NotAskedOnVisit,
    OutsideSchedule,
    UnknownHousehold,
    VisitInFuture,
)
from services.inspection.visits.model import Visit
from services.inspection.visits.schemas import VisitDraft
from shared import clock
from shared.contracts.inspection import RiskSignal
from shared.domain.division import town_of
from shared.keys import uuid7

#: How far a front end's clock may run ahead of ours.
_CLOCK_SKEW = timedelta(minutes=5)


@dataclass(frozen=True)
class Circumstances:
    """What a visit is judged by."""

    campaign: Campaign
    #: By town or park.
    schedules: Mapping[str, Schedule]
    households: Mapping[UUID, Household]
    now: datetime

    def household(self, household_id: UUID) -> Household:
        """Return a household that takes part, or refuse."""
        household = self.households.get(household_id)
        if household is None:
            raise UnknownHousehold
        if not self.campaign.takes(household.division_code, household.kind):
            raise NotInCampaign
        return household

    def schedule(self, household: Household) -> Schedule | Campaign:
        """Return the dates that hold where the household lives."""
        return self.schedules.get(town_of(household.division_code), self.campaign)


def visiting_days(scheduled: Schedule | Campaign, *, first: bool) -> tuple[date, date]:
    """Return the first and last day of visits; a follow-up is also made while findings are rectified."""
    last = PhaseKind.FIELDWORK if first else PhaseKind.RECTIFICATION
    return phase_of(scheduled, PhaseKind.FIELDWORK).starts_on, phase_of(scheduled, last).ends_on


def expect_timely(moment: datetime, now: datetime, days: tuple[date, date]) -> None:
    """Refuse what was done ahead of our clock, or on none of the days on which it is done."""
    if moment > now + _CLOCK_SKEW:
        raise VisitInFuture
    starts_on, ends_on = days
    if not starts_on <= clock.date_of(moment) <= ends_on:
        raise OutsideSchedule(
            f"visits are made from {starts_on} to {ends_on}", zh_detail=f"可走访日期为{starts_on}至{ends_on}"
        )


def judge(draft: VisitDraft, known: Circumstances, *, first: bool) -> None:
    """Refuse a visit that cannot be taken.

    An item that the registry thinks does not apply is taken all the same: the officer stood at the door.
    """
    known.campaign.expect_open()
    household = known.household(draft.household_id)
    expect_timely(draft.visited_at, known.now, visiting_days(known.schedule(household), first=first))
    for answer in draft.answers:
        item = item_of(known.campaign.checklist, answer.item)
        if item.object not in OF_A_VISIT:
            raise NotAskedOnVisit(answer.item)
        about_household(household, item, answer.member_id)
        told_by(answer, item)


def answered(draft: VisitDraft, known: Circumstances) -> VisitDraft:
    """Return a visit that was judged, with verdict, value and facts of each answer, and what they correct."""
    checklist, household = known.campaign.checklist, known.household(draft.household_id)
    answers = [told_by(answer, item_of(checklist, answer.item)) for answer in draft.answers]
    corrections = corrected(draft.corrections, answers, household, checklist)
    return draft.model_copy(update={"answers": answers, "corrections": corrections})


def visit_of(draft: VisitDraft, known: Circumstances, *, first: bool, digest: bytes) -> Visit:
    """Return the visit's row; ``digest`` is that of what was sent."""
    rows = draft.model_dump(mode="json", include={"answers", "signals"})
    return Visit(
        id=draft.id or uuid7(),
        campaign_id=known.campaign.id,
        household_id=draft.household_id,
        division_code=known.household(draft.household_id).division_code,
        visited_at=draft.visited_at,
        officer=draft.officer,
        first=first,
        corrections=draft.corrections.model_dump(mode="json", exclude_unset=True),
        finding_ids=[],
        digest=digest,
        **rows,
    )


def findings_of(
    visit: Visit, draft: VisitDraft, known: Circumstances, *, by: str, name: str
) -> list[Finding]:
    """Return a finding for each failed item, closed at once where it was corrected on the spot (立行立改)."""
    household, campaign = known.household(visit.household_id), known.campaign
    asked = Asked(campaign, clock.date_of(visit.visited_at), visit.officer, by, name)
    findings = []
    for answer in draft.answers:
        if not answer.ok:
            item = item_of(campaign.checklist, answer.item)
            about = about_household(household, item, answer.member_id)
            findings.append(asked.finding(item, answer, visit_id=visit.id, **about))
    return findings


def signals_of(draft: VisitDraft, known: Circumstances) -> tuple[RiskSignal, ...]:
    """Return what monitoring must hear: what the officer signals, and what failed items mean by themselves."""
    signals = {(signal.risk_type, signal.member_id): signal.facts for signal in draft.signals}
    for risk_type, answer in _meant(draft, known):
        # "Other" only says that there is a risk: where the officer names one, nothing is added.
        if risk_type != "other" or not signals:
            signals.setdefault((risk_type, answer.member_id), f"{answer.item} {answer.facts}")
    return tuple(
        RiskSignal(risk_type=risk_type, member_id=member_id, facts=facts)
        for (risk_type, member_id), facts in signals.items()
    )


def _meant(draft: VisitDraft, known: Circumstances) -> Iterator[tuple[str, Answer]]:
    for answer in draft.answers:
        signal = item_of(known.campaign.checklist, answer.item).signal
        met = signal and signal.is_met(ok=bool(answer.ok), value=answer.value)
        if signal and met and not answer.on_the_spot:
            yield signal.risk, answer
