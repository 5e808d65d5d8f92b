"""What becomes of what is told: pure decisions."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any, NamedTuple
from uuid import UUID

from services.monitoring.clues.errors import SourceNotYours
from services.monitoring.monitored.states import UNDER_WATCH, MonitoredStatus
from shared import clock
from shared.contracts.inspection import HouseholdVisited

PROVINCE = "province"
SELF_APPLICATION = "self_application"
#: Told by Fangfan itself, from a comparison, when a clue comes from departmental data.
DEPARTMENT = "department"
#: Told by Fangfan itself, where a rule hits what the registry knows.
REGISTRY = "registry"


class Sender(NamedTuple):
    """Who tells, so that the verdict can go back to them."""

    subject: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """One thing told about one household."""

    household_id: UUID
    risk_type: str
    source: str
    #: In words; never an identity number.
    facts: str
    member_id: UUID | None = None
    #: Where it comes from, such as ``comparison:<id>`` or ``visit:<id>``: the same thing told twice counts once.
    reference: str | None = None
    #: For a warning: rule and version, inputs, threshold, source. What ``why`` is answered with.
    detail: Mapping[str, Any] = field(default_factory=dict)
    received_on: date | None = None

    def evidence(self, *, on: date, by: Sender) -> dict[str, Any]:
        """Return it as it is kept with the clue."""
        return {
            "source": self.source,
            "on": on.isoformat(),
            "sender": by.name,
            "sender_id": by.subject,
            "facts": self.facts,
            "member_id": str(self.member_id) if self.member_id else None,
            "reference": self.reference,
            "detail": dict(self.detail),
        }

    def repeats(self, evidence: Mapping[str, Any]) -> bool:
        """Tell whether a piece of evidence is this very thing; what was taken back may be said again."""
        told = str(self.member_id) if self.member_id else None
        return (
            self.reference is not None
            and (evidence["source"], evidence["reference"], evidence["member_id"])
            == (self.source, self.reference, told)
            and evidence["detail"].get("rule") == self.detail.get("rule")
            and "taken_back_on" not in evidence
        )


@dataclass(frozen=True, slots=True)
class Retraction:
    """Something told of a person or household, by a rule, that whoever told it does not say any more."""

    household_id: UUID
    member_id: UUID | None
    risk_type: str
    #: Under which it was told.
    reference: str
    #: None: it followed people by a move.
    rule: str | None

    def concerns(self, household_id: UUID, risk_type: str) -> bool:
        """Tell whether it is about this risk of this household."""
        return (self.household_id, self.risk_type) == (household_id, risk_type)

    def is_of(self, evidence: Mapping[str, Any]) -> bool:
        """Tell whether it takes back a piece of evidence, which stands as yet."""
        told = str(self.member_id) if self.member_id else None
        return (evidence["reference"], evidence["member_id"], evidence["detail"].get("rule")) == (
            self.reference,
            told,
            self.rule,
        ) and "taken_back_on" not in evidence


@dataclass(frozen=True, slots=True)
class TakenBackElsewhere:
    """Clues to households in which people had been: what followed those people rests on nothing else."""

    clue_ids: frozenset[str]
    #: Those that go on, with whom they say nothing of any more.
    unsaid: frozenset[tuple[str, str | None]]

    def is_of(self, evidence: Mapping[str, Any]) -> bool:
        """Tell whether a piece of evidence, which stands as yet, followed one of them."""
        detail = evidence["detail"]
        followed = detail.get("clue_id") in self.clue_ids or (
            "member_id" in detail and (detail.get("clue_id"), detail["member_id"]) in self.unsaid
        )
        return followed and "taken_back_on" not in evidence


@dataclass(frozen=True, slots=True)
class TakenBack:
    """How many clues are none any more, and how many had their verdict already and keep it."""

    clues: int = 0
    kept: int = 0

    def __add__(self, other: TakenBack) -> TakenBack:
        return TakenBack(self.clues + other.clues, self.kept + other.kept)


class Outcome(StrEnum):
    """What became of an arrival."""

    RECEIVED = "received"
    #: A clue to the same household and risk is open, or its case is: evidence there.
    MERGED = "merged"
    #: The risk is known and the household under watch: nothing new.
    ALREADY_MONITORED = "already_monitored"
    #: The household's risk had been eliminated: it is a candidate for re-tagging now.
    RETAG_CANDIDATE = "retag_candidate"


#: Outcomes that make a clue; the others found something open already.
MADE = frozenset({Outcome.RECEIVED, Outcome.RETAG_CANDIDATE})


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known about a household when something is told of it."""

    #: Risks with an unsettled clue, or with a settled one whose case is open.
    told_risks: Collection[str] = ()
    #: Of its monitored object, if there is one that was not closed.
    status: str | None = None
    open_risks: Collection[str] = ()
    #: Whether somebody has proposed to end the watch over it, and nobody has decided.
    closing: bool = False


def outcome_of(risk_type: str, standing: Standing) -> Outcome:
    """Decide what becomes of something told about a risk."""
    # Nothing is "known" of a household that may soon be under watch no more: the news must get a verdict of its own.
    ending = standing.closing or standing.status == MonitoredStatus.ELIMINATION_PROPOSED
    known = standing.status in UNDER_WATCH and not ending
    if known and risk_type in standing.open_risks:
        return Outcome.ALREADY_MONITORED
    if risk_type in standing.told_risks:
        return Outcome.MERGED
    if standing.status in {MonitoredStatus.ELIMINATED, MonitoredStatus.RETAG_CANDIDATE}:
        return Outcome.RETAG_CANDIDATE
    return Outcome.RECEIVED


def expect_own_source(source: str, roles: Collection[str]) -> None:
    """Refuse words put into another's mouth: the province speaks as the province, officers as anybody but it."""
    if source == REGISTRY or (source == PROVINCE) != ("provincial_system" in roles):
        raise SourceNotYours


def arrivals_of(visit: HouseholdVisited) -> Iterator[Arrival]:
    """Return what a visit's signals tell."""
    for signal in visit.signals:
        yield Arrival(
            household_id=visit.household_id,
            member_id=signal.member_id,
            risk_type=signal.risk_type,
            source="inspection",
            facts=signal.facts,
            reference=f"visit:{visit.id}",
            detail={"officer": visit.officer, "visited_at": visit.visited_at.isoformat()},
            received_on=clock.date_of(visit.visited_at),
        )
