"""What inspection tells the other services: campaigns, visits, findings."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from shared.contracts.envelope import AggregateState


class CampaignState(AggregateState):
    """A concentrated inspection (集中排查) of all households of ``division_code``."""

    name: str
    year: int
    starts_on: date
    #: County deadline, passed by no town.
    ends_on: date
    status: str
    #: Where it is held; none: everywhere in ``division_code``.
    divisions: tuple[str, ...] = ()
    #: Kinds of household that it is about; none: all.
    kinds: tuple[str, ...] = ()


class CampaignOpened(CampaignState, event="inspection.campaign_opened.v1"):
    """A campaign began."""


class CampaignClosed(CampaignState, event="inspection.campaign_closed.v1"):
    """A campaign ended."""


class CampaignPaused(CampaignState, event="inspection.campaign_paused.v1"):
    """A campaign was interrupted."""


class CampaignResumed(CampaignState, event="inspection.campaign_resumed.v1"):
    """A campaign goes on after a pause."""


class RiskSignal(BaseModel):
    """Something seen on a visit that meets a monitoring criterion: it becomes a clue."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    risk_type: str
    member_id: UUID | None = None
    #: The item and the answer behind it, in words.
    facts: str


class HouseholdVisited(AggregateState, event="inspection.household_visited.v1"):
    """A household was visited; ``id`` is the visit."""

    campaign_id: UUID
    household_id: UUID
    visited_at: datetime
    officer: str
    #: Codes of checklist items that failed, such as ``A1-01``.
    failed_items: tuple[str, ...] = ()
    signals: tuple[RiskSignal, ...] = ()


class VisitRehomed(HouseholdVisited, event="inspection.visit_rehomed.v1"):
    """A visit's household belongs to another village; nothing was seen anew."""


#: What a fact of the registry can be, as events carry it.
Fact = bool | int | str | tuple[str, ...] | None


class ProposedCorrection(BaseModel):
    """A fact that was found to be otherwise than the registry has it."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    id: UUID
    #: Of ``HouseholdState``, or of ``MemberState`` where there is a member.
    field: str
    member_id: UUID | None = None
    #: What the form showed: where the registry has another value by now, a person decides.
    known: Fact = None
    found: Fact = None


class CorrectionsProposed(AggregateState, event="inspection.corrections_proposed.v1"):
    """A visit found facts of the registry to be otherwise; ``id`` is the visit. The registry decides on each."""

    household_id: UUID
    visited_at: datetime
    officer: str
    #: Subject of whoever sent the visit in: they do not decide on it themselves.
    proposed_by: str
    corrections: tuple[ProposedCorrection, ...]


class FindingState(AggregateState):
    """An entry of the findings ledger (问题台账)."""

    campaign_id: UUID
    #: Checklist item, ``A1-01`` to ``A8-05``; its area is the part before the dash.
    item: str
    #: What the item asks about: person, household, village, operator, county.
    object_kind: str
    household_id: UUID | None = None
    source: str
    status: str
    raised_on: date
    deadline_on: date | None = None
    #: Set while the finding is closed (销号).
    closed_on: date | None = None
    on_the_spot: bool = False
    reopened: int = 0
    #: ``village``, ``town`` or ``county``: at whose table it lies.
    level: str | None = None
    responsible_unit: str | None = None
    #: The unit that has yet to accept or refuse it.
    transfer_to: str | None = None
    #: The earlier finding about the same object and item, within a year.
    repeats: UUID | None = None
    merged_into: UUID | None = None


class FindingRaised(FindingState, event="inspection.finding_raised.v1"):
    """A finding entered the ledger."""


class FindingPlanned(FindingState, event="inspection.finding_planned.v1"):
    """Measures, responsibility and deadline were set."""


class FindingRectified(FindingState, event="inspection.finding_rectified.v1"):
    """Rectification was submitted for verification."""


class FindingReturned(FindingState, event="inspection.finding_returned.v1"):
    """Verification failed: back to rectification."""


class FindingClosed(FindingState, event="inspection.finding_closed.v1"):
    """Verified and struck off the ledger (销号)."""


class FindingReopened(FindingState, event="inspection.finding_reopened.v1"):
    """A closed finding came back."""


class FindingRehomed(FindingState, event="inspection.finding_rehomed.v1"):
    """A finding's household belongs to another village."""


class FindingStarted(FindingState, event="inspection.finding_started.v1"):
    """Rectification began."""


class FindingTransferProposed(FindingState, event="inspection.finding_transfer_proposed.v1"):
    """Somebody wants it to go to another unit, ``transfer_to``."""


class FindingTransferred(FindingState, event="inspection.finding_transferred.v1"):
    """The other unit accepted: it is ``responsible_unit`` now."""


class FindingTransferRefused(FindingState, event="inspection.finding_transfer_refused.v1"):
    """The other unit refused; it stays where it was."""


class FindingMerged(FindingState, event="inspection.finding_merged.v1"):
    """Struck off as a duplicate of ``merged_into``."""


class FindingEscalated(FindingState, event="inspection.finding_escalated.v1"):
    """It went to the table above, ``level``."""


class FindingInherited(FindingState, event="inspection.finding_inherited.v1"):
    """A later campaign took it over unfinished: ``campaign_id`` is that one."""


class FindingDue(FindingState, event="inspection.finding_due.v1"):
    """Its deadline is near."""


class FindingOverdue(FindingState, event="inspection.finding_overdue.v1"):
    """Its deadline passed."""


class DispatchFrozen(AggregateState, event="inspection.dispatch_frozen.v1"):
    """A week's figures of a county, a town or a park were frozen (周调度)."""

    campaign_id: UUID
    #: Calendar week of the campaign, from 1.
    week: int
    starts_on: date
    ends_on: date
    due: int
    visited: int
    raised: int
    closed: int
    overdue: int
