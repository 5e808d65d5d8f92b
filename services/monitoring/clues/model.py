"""The table of clues, and the moves of a clue's life."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, and_, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, col

from services.monitoring.clues import errors
from services.monitoring.clues.priority import ORDINARY, priority_of
from services.monitoring.clues.rules import (
    SELF_APPLICATION,
    Arrival,
    Outcome,
    Retraction,
    Sender,
    TakenBackElsewhere,
)
from services.monitoring.limits import due
from services.monitoring.monitored.errors import SamePerson
from services.monitoring.monitored.model import MonitoredObject
from services.monitoring.replicas.model import HouseholdReplica
from services.monitoring.tables import Row
from shared.database import Identified, Placed, Recorded
from shared.domain.level import Level


class ClueStatus(StrEnum):
    """Where a clue stands."""

    RECEIVED = "received"
    #: Somebody is to look into it (核实中).
    ASSIGNED = "assigned"
    VERIFIED_AT_RISK = "verified_at_risk"
    DISMISSED = "dismissed"
    #: Its household's identification was already under way: it goes on there.
    MERGED = "merged"


#: Who settles a clue that nobody looks into any more.
SYSTEM = "system:monitoring"
#: Without a verdict.
UNSETTLED = frozenset({ClueStatus.RECEIVED, ClueStatus.ASSIGNED})


class Clue(Row, Identified, Placed, Recorded, table=True):
    """Something that may mean risk for a household (线索); one from departmental data is a warning (预警).

    While it is unsettled, whatever else is told of the same household and risk becomes its evidence.
    """

    __table_args__ = (
        CheckConstraint(
            "(status IN ('received', 'assigned')) = (settled_on IS NULL)", name="settled_with_date"
        ),
        CheckConstraint("(adding_due_on IS NULL) = (adding_due_rule IS NULL)", name="adding_due_by_rule"),
        Index(
            "ix_clue_unsettled",
            "priority",
            "due_on",
            "id",
            postgresql_where=text("status IN ('received', 'assigned')"),
        ),
        Index(
            "ix_clue_awaits_adding",
            "adding_due_on",
            "id",
            postgresql_where=text("adding_due_on IS NOT NULL AND answered_on IS NULL"),
        ),
        Index(
            "ix_clue_evidence",
            "evidence",
            postgresql_using="gin",
            postgresql_ops={"evidence": "jsonb_path_ops"},
        ),
    )

    household_id: UUID = Field(index=True)
    #: The person at risk, where the risk is a person's.
    member_id: UUID | None = None
    risk_type: str
    status: str = ClueStatus.RECEIVED
    received_on: date
    #: The last day on which a verdict is in time, and the version of the limits that set it.
    due_on: date
    due_rule: str
    #: Each once, in the order in which they told.
    sources: list[str] = Field(sa_type=JSONB)
    #: What each of them told: source, date, sender, words, reference, and the rule behind a warning.
    evidence: list[dict[str, Any]] = Field(sa_type=JSONB)
    #: 1 (to be looked into at once) to 3, the rule's version, and its words in Chinese and English.
    priority: int = ORDINARY
    priority_rule: str = ""
    priority_zh: str = ""
    priority_en: str = ""
    #: Who looks into it, and since when.
    assignee: str | None = Field(default=None, index=True)
    assigned_on: date | None = None
    #: Whoever applied themselves is visited within days (首次入户).
    visit_due_on: date | None = None
    visit_due_rule: str | None = None
    visited_on: date | None = None
    #: That nobody came in time, as the job marked it, and its rule's version.
    visit_overdue_on: date | None = None
    visit_overdue_rule: str | None = None
    #: That there is no risk, as one person says until another agrees.
    dismissal: str | None = None
    dismissal_by: str | None = None
    dismissal_by_name: str | None = None
    dismissal_on: date | None = None
    #: At whose table it lies; marks of the job that lets limits act, and its rule's version.
    level: str = Level.VILLAGE
    overdue_on: date | None = None
    escalated_on: date | None = None
    overdue_rule: str | None = None
    settled_on: date | None = None
    settled_by: str | None = None
    settled_by_name: str | None = None
    #: What was found out, or why it was dismissed.
    verdict: str | None = None
    case_id: UUID | None = Field(default=None, index=True)
    #: The object whose risk came back, or that is at a further risk.
    monitored_id: UUID | None = None
    #: Of a further risk: the last day on which the town adds it in time, and the version of the limits that set it.
    adding_due_on: date | None = None
    adding_due_rule: str | None = None
    #: When a verified risk was added to its object, tagged there again or turned down, or the object was closed.
    answered_on: date | None = None
    #: The verdict that the county overruled: in which words, by whom and when.
    overruled: dict[str, Any] | None = Field(default=None, sa_type=JSONB(none_as_null=True))

    @classmethod
    def of(cls, arrival: Arrival, household: HouseholdReplica, *, on: date, by: Sender) -> Clue:
        """Return a new clue."""
        place = household.division_code
        verdict = due("clue_verdict", place, on)
        clue = cls(
            household_id=arrival.household_id,
            member_id=arrival.member_id,
            risk_type=arrival.risk_type,
            division_code=place,
            received_on=on,
            due_on=verdict.on,
            due_rule=verdict.rule,
            sources=[],
            evidence=[],
        )
        clue.confirm(arrival, household, on=on, by=by)
        return clue

    def confirm(self, arrival: Arrival, household: HouseholdReplica, *, on: date, by: Sender) -> bool:
        """Add what another source told; False where this very thing was told before.

        News must be looked into: a dismissal that waits for another's eyes is off the table.
        """
        if any(arrival.repeats(known) for known in self.evidence):
            return False
        # Assigned anew: a JSON column does not see what is appended to it.
        self.evidence = [*self.evidence, arrival.evidence(on=on, by=by)]
        self.sources = list(dict.fromkeys([*self.sources, arrival.source]))
        self.member_id = self.member_id or arrival.member_id
        if arrival.source == SELF_APPLICATION and self.visit_due_on is None:
            self.visit_due_on, self.visit_due_rule = due("clue_visit", self.division_code, on)
        self._take_back_dismissal()
        urgency = priority_of(self.risk_type, self.sources, household, on)
        self.priority, self.priority_rule, self.priority_zh, self.priority_en = urgency
        return True

    def verify(self, *, verdict: str, by: str, name: str, on: date) -> None:
        """Say that there is a risk (核实有风险)."""
        self._settle(ClueStatus.VERIFIED_AT_RISK, verdict, by, name, on)

    def await_adding(self, *, on: date) -> None:
        """Wait until the town adds the risk to its object, which is under watch for others (待新增风险)."""
        self.adding_due_on, self.adding_due_rule = due("further_risk", self.division_code, on)
        self.level = Level.TOWN
        self.overdue_on = self.escalated_on = self.overdue_rule = None

    def answer(self, *, on: date) -> None:
        """Take note that nobody has to do anything about a verified risk any more."""
        self.answered_on = on

    def overrule(self, *, reason: str, by: str, name: str, on: date) -> None:
        """Find that a further risk is not to be added: there is none; by another person than who verified it."""
        if not self.awaits_adding:
            raise errors.NoFurtherRisk
        if by == self.settled_by:
            raise SamePerson
        self.overruled = {
            "verdict": self.verdict,
            "by_name": self.settled_by_name,
            "on": str(self.settled_on),
        }
        self.status, self.verdict, self.settled_on = ClueStatus.DISMISSED, reason, on
        self.settled_by, self.settled_by_name = by, name
        self.answer(on=on)

    def merge(self, *, case_id: UUID, verdict: str, by: str, name: str, on: date) -> None:
        """Hand it to the household's identification that is under way (并入)."""
        self._settle(ClueStatus.MERGED, verdict, by, name, on)
        self.case_id = case_id

    def propose_dismissal(self, *, reason: str, by: str, name: str, on: date) -> None:
        """Say that there is none, and why (核实无风险); another person has to agree."""
        if self.status not in UNSETTLED:
            raise errors.ClueSettledAlready
        if self.dismissal is not None:
            raise errors.DismissalPending
        self.dismissal, self.dismissal_on = reason, on
        self.dismissal_by, self.dismissal_by_name = by, name

    def dismiss(self, *, by: str, name: str, on: date) -> None:
        """Agree with a dismissal."""
        reason = self._expect_dismissal()
        if by == self.dismissal_by:
            raise errors.SamePersonDismisses
        # What was proposed stays on the row: who said it first, and who agreed.
        self._settle(ClueStatus.DISMISSED, reason, by, name, on)

    def keep_open(self) -> None:
        """Turn a dismissal down: the clue is looked into again."""
        self._expect_dismissal()
        self._take_back_dismissal()

    def take_back(self, retraction: Retraction | TakenBackElsewhere, *, reason: str, on: date) -> bool:
        """Mark what was told as taken back (撤回), which ends an unsettled clue that nothing else bears out.

        A verdict stands, whatever it rests on: whoever reads the clue sees the mark. False: it rests on no such thing.
        """
        mark = {"taken_back_on": on.isoformat(), "taken_back_because": reason}
        if not any(retraction.is_of(each) for each in self.evidence):
            return False
        self.evidence = [{**each, **mark} if retraction.is_of(each) else each for each in self.evidence]
        if self.status in UNSETTLED and not self.stands:
            self._take_back_dismissal()
            self._settle(ClueStatus.DISMISSED, reason, SYSTEM, SYSTEM, on)
        return True

    def correct(self, arrival: Arrival) -> None:
        """Say with other words and figures what was told before: news, which must be looked into."""
        said = {"facts": arrival.facts, "detail": dict(arrival.detail)}
        evidence = [{**each, **said} if arrival.repeats(each) else each for each in self.evidence]
        if evidence != self.evidence:
            self.evidence = evidence
            self._take_back_dismissal()

    def is_overdue(self, today: date) -> bool:
        """Tell whether its verdict, or the adding of a further risk, should be there by now."""
        limit = self.adding_due_on if self.awaits_adding else self.due_on
        return (self.settled_on is None or self.awaits_adding) and limit is not None and limit < today

    @property
    def awaits_adding(self) -> bool:
        """Tell whether it is a further risk of an object under watch that nobody has added yet."""
        return self.adding_due_on is not None and self.answered_on is None

    @property
    def stands(self) -> bool:
        """Tell whether something of what was told was not taken back."""
        return not all("taken_back_on" in each for each in self.evidence)

    def _expect_dismissal(self) -> str:
        if self.status not in UNSETTLED or self.dismissal is None:
            raise errors.NoDismissal
        return self.dismissal

    def _take_back_dismissal(self) -> None:
        self.dismissal = self.dismissal_by = self.dismissal_by_name = self.dismissal_on = None

    def _settle(self, status: ClueStatus, verdict: str, by: str, name: str, on: date) -> None:
        if self.status not in UNSETTLED:
            raise errors.ClueSettledAlready
        self.status, self.verdict, self.settled_on = status, verdict, on
        self.settled_by, self.settled_by_name = by, name


#: What ``awaits_adding`` tells of one clue, of all of them.
AWAITS_ADDING = and_(col(Clue.adding_due_on).is_not(None), col(Clue.answered_on).is_(None))


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of an arrival: the clue that it made or confirmed, or the object that knew it already."""

    arrival: Arrival
    outcome: Outcome
    clue: Clue | None
    monitored: MonitoredObject | None
