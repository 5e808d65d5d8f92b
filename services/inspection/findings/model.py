"""The table of findings, and the moves of a finding's life."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ColumnElement, Index, and_, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, col

from services.inspection.findings import errors
from services.inspection.tables import Row
from shared.database import Identified, Placed, Recorded
from shared.domain.level import Level


class FindingStatus(StrEnum):
    """Where a finding stands. ``closed`` (销号) and ``merged`` have left the ledger."""

    RAISED = "raised"
    PLANNED = "planned"
    RECTIFYING = "rectifying"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    CLOSED = "closed"
    REOPENED = "reopened"
    MERGED = "merged"


ENDED = frozenset({FindingStatus.CLOSED, FindingStatus.MERGED})
#: States in which measures, responsibility and deadline may be set or changed, and the matter given to another unit.
#: A returned finding keeps its plan, but may get another; a reopened one needs a new one.
UNSUBMITTED = frozenset(FindingStatus) - ENDED - {FindingStatus.SUBMITTED}
_RECTIFIABLE = frozenset({FindingStatus.PLANNED, FindingStatus.RECTIFYING, FindingStatus.RETURNED})


class Finding(Row, Identified, Placed, Recorded, table=True):
    """An entry of the findings ledger (问题台账): problem, measures, responsibility, deadline.

    Never deleted. What closed it stays when it comes back, until the next step replaces it.
    """

    __table_args__ = (
        CheckConstraint("(status = 'closed') = (closed_on IS NOT NULL)", name="closed_with_date"),
        Index(None, "campaign_id", "division_code"),
        Index(
            "ix_finding_open_deadline_on",
            "deadline_on",
            postgresql_where=text("status NOT IN ('closed', 'merged')"),
        ),
    )

    campaign_id: UUID
    item: str
    object_kind: str
    household_id: UUID | None = Field(default=None, index=True)
    member_id: UUID | None = None
    #: The inspected object: a station, a workshop, a project.
    object_id: UUID | None = None
    #: The person, head of household, village, operator or mechanism, as people call it.
    object_name: str
    facts: str
    severity: str
    source: str
    visit_id: UUID | None = None
    status: str = FindingStatus.RAISED
    raised_on: date
    raised_by: str
    #: The earlier finding about the same object and item, within a year (重复问题).
    repeats: UUID | None = None
    #: The finding that this one is a duplicate of, while merged.
    merged_into: UUID | None = None
    #: The campaign that raised it, where a later one took it over unfinished.
    inherited_from: UUID | None = None
    level: str

    #: What lies behind the problem (剖析根源).
    root_cause: str | None = None
    measures: str | None = None
    planned_on: date | None = None
    responsible_unit: str | None = None
    responsible_person: str | None = None
    deadline_on: date
    #: The unit that it is to go to, until that unit accepts or refuses (移交).
    transfer_to: str | None = None
    transfer_reason: str | None = None
    #: Subject of whoever wants it transferred: they do not accept it in the other unit's name.
    transferred_by: str | None = None
    #: Marks of the deadlines' job; a new deadline or a new life clears them.
    due_soon_on: date | None = None
    overdue_on: date | None = None
    escalated_on: date | None = None
    #: Version of the rule behind the newest mark; none after an escalation by hand.
    deadline_rule: str | None = None

    rectification: str | None = None
    evidence: list[str] = Field(default=[], sa_type=JSONB)
    rectified_on: date | None = None
    #: Subject and name of whoever submitted the rectification: they do not verify it.
    rectified_by: str | None = None
    rectified_by_name: str | None = None
    verified_by_name: str | None = None
    closed_on: date | None = None
    on_the_spot: bool = False
    #: Why it was returned or reopened last.
    reason: str | None = None
    returned: int = 0
    reopened: int = 0

    def plan(
        self,
        *,
        measures: str,
        unit: str,
        person: str,
        deadline_on: date,
        on: date,
        root_cause: str | None = None,
    ) -> None:
        """Set measures, responsibility and deadline (制定措施、明确责任和时限)."""
        self._expect_unsubmitted()
        if deadline_on != self.deadline_on:
            self.due_soon_on = self.overdue_on = None
        self.status, self.planned_on, self.deadline_on = FindingStatus.PLANNED, on, deadline_on
        self.root_cause, self.measures = root_cause or self.root_cause, measures
        self.responsible_unit, self.responsible_person = unit, person

    def start(self) -> None:
        """Begin to rectify (开始整改)."""
        if self.status not in _RECTIFIABLE - {FindingStatus.RECTIFYING}:
            raise errors.NotUnderRectification
        self._expect_no_transfer()
        self.status = FindingStatus.RECTIFYING

    def rectify(self, *, what: str, evidence: list[str], by: str, name: str, on: date) -> None:
        """Submit the rectification for verification (提交整改)."""
        if self.status not in _RECTIFIABLE:
            raise errors.NotUnderRectification
        self._expect_no_transfer()
        self.status, self.rectified_on = FindingStatus.SUBMITTED, on
        self.rectification, self.evidence, self.rectified_by, self.rectified_by_name = (
            what,
            evidence,
            by,
            name,
        )

    def transfer(self, *, to: str, reason: str, by: str) -> None:
        """Want the matter to go to another unit (移交), which accepts or refuses; until then nothing else moves."""
        self._expect_unsubmitted()
        if to == self.responsible_unit:
            raise errors.SameUnit
        self.transfer_to, self.transfer_reason, self.transferred_by = to, reason, by

    def accept_transfer(self, *, person: str, by: str) -> None:
        """Take the matter over in the other unit's name; measures and deadline stay until planned anew."""
        unit = self._expect_transfer()
        if by == self.transferred_by:
            raise errors.SamePersonTransfers
        self.responsible_unit, self.responsible_person = unit, person
        self.transfer_to = self.transfer_reason = self.transferred_by = None

    def refuse_transfer(self, *, reason: str) -> None:
        """Leave the matter where it was; whoever wanted the transfer may withdraw it so, too."""
        self._expect_transfer()
        self.reason = reason
        self.transfer_to = self.transfer_reason = self.transferred_by = None

    def merge(self, into: Finding, *, reason: str) -> None:
        """Strike off as a duplicate of another open finding about the same matter (合并重复问题)."""
        self._expect_unsubmitted()
        if into.id == self.id or into.status in ENDED:
            raise errors.CannotMergeInto
        if matter_of(into) != matter_of(self):
            raise errors.AnotherMatter
        self.status, self.merged_into, self.reason = FindingStatus.MERGED, into.id, reason

    def escalate(self, *, reason: str, on: date) -> None:
        """Take it to the table above (提级督办)."""
        if self.status in ENDED:
            raise errors.AlreadyEnded
        if self.level == Level.COUNTY:
            raise errors.HighestLevel
        self.level = Level.TOWN if self.level == Level.VILLAGE else Level.COUNTY
        self.reason, self.escalated_on, self.deadline_rule = reason, on, None

    def verify(self, *, by: str, name: str, on: date) -> None:
        """Strike off the ledger (核实销号); by another person than the one who rectified."""
        if self.status != FindingStatus.SUBMITTED:
            raise errors.NotSubmitted
        if by == self.rectified_by:
            raise errors.SamePerson
        self.status, self.closed_on, self.verified_by_name = FindingStatus.CLOSED, on, name

    def send_back(self, *, reason: str) -> None:
        """Return to rectification (退回整改)."""
        if self.status != FindingStatus.SUBMITTED:
            raise errors.NotSubmitted
        self.status, self.reason, self.returned = FindingStatus.RETURNED, reason, self.returned + 1

    def reopen(self, *, reason: str) -> None:
        """Bring back what was closed, or merged by mistake (重新立项)."""
        if self.status not in ENDED:
            raise errors.NotClosed
        self.status, self.reason, self.reopened = FindingStatus.REOPENED, reason, self.reopened + 1
        self.closed_on = self.merged_into = self.due_soon_on = self.overdue_on = None
        self.on_the_spot = False

    def correct_on_the_spot(self, *, what: str, evidence: list[str], by: str, name: str, on: date) -> None:
        """Close what was corrected while visiting (立行立改): evidence stands in for verification."""
        self.status, self.on_the_spot = FindingStatus.CLOSED, True
        self.measures, self.rectification, self.evidence = what, what, evidence
        self.rectified_by, self.rectified_by_name = by, name
        self.planned_on = self.rectified_on = self.closed_on = on

    @property
    def last_step_on(self) -> date:
        """The date of the newest step: the next one lies no earlier."""
        return max(filter(None, (self.raised_on, self.planned_on, self.rectified_on, self.closed_on)))

    def _expect_unsubmitted(self) -> None:
        if self.status not in UNSUBMITTED:
            raise errors.CannotPlan
        self._expect_no_transfer()

    def _expect_no_transfer(self) -> None:
        if self.transfer_to is not None:
            raise errors.TransferPending

    def _expect_transfer(self) -> str:
        if self.transfer_to is None:
            raise errors.NoTransfer
        return self.transfer_to


def is_open() -> ColumnElement[bool]:
    """Return the condition for findings that are still in the ledger."""
    return col(Finding.status).not_in(ENDED)


def is_overdue(today: date) -> ColumnElement[bool]:
    """Return the condition for findings that passed their deadline and are still in the ledger."""
    return and_(is_open(), col(Finding.deadline_on) < today)


def matter_of(finding: Any) -> tuple[object, ...]:
    """Return the object and the item: two findings with the same are about the same (重复问题)."""
    thing = finding.household_id or finding.object_id or (finding.division_code, finding.object_name)
    return (finding.item, thing, finding.member_id)
