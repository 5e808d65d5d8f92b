"""The table of findings, and the moves of a finding's life."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ColumnElement, Index, and_
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, col

from services.inspection.findings import errors
from services.inspection.tables import Row
from shared.database import Identified, Placed, Recorded


class FindingStatus(StrEnum):
    """Where a finding stands. Only ``closed`` has left the ledger (销号)."""

    RAISED = "raised"
    PLANNED = "planned"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    CLOSED = "closed"
    REOPENED = "reopened"


#: States in which measures, responsibility and deadline may be set or changed. A returned finding keeps its plan,
#: but may get another; a reopened one needs a new one.
PLANNABLE = frozenset(
    {FindingStatus.RAISED, FindingStatus.PLANNED, FindingStatus.RETURNED, FindingStatus.REOPENED}
)
_RECTIFIABLE = frozenset({FindingStatus.PLANNED, FindingStatus.RETURNED})


class Finding(Row, Identified, Placed, Recorded, table=True):
    """An entry of the findings ledger (问题台账): problem, measures, responsibility, deadline.

    Never deleted. What closed it stays when it comes back, until the next step replaces it.
    """

    __table_args__ = (
        CheckConstraint("(status = 'closed') = (closed_on IS NOT NULL)", name="closed_with_date"),
        Index(None, "campaign_id", "division_code"),
    )

    campaign_id: UUID
    item: str
    object_kind: str
    household_id: UUID | None = Field(default=None, index=True)
    member_id: UUID | None = None
    #: The person, head of household, village, operator or mechanism, as people call it.
    object_name: str
    facts: str
    severity: str
    source: str
    visit_id: UUID | None = None
    status: str = FindingStatus.RAISED
    raised_on: date
    raised_by: str

    measures: str | None = None
    planned_on: date | None = None
    responsible_unit: str | None = None
    responsible_person: str | None = None
    deadline_on: date

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

    def plan(self, *, measures: str, unit: str, person: str, deadline_on: date, on: date) -> None:
        """Set measures, responsibility and deadline (制定措施、明确责任和时限)."""
        if self.status not in PLANNABLE:
            raise errors.CannotPlan
        self.status, self.planned_on, self.deadline_on = FindingStatus.PLANNED, on, deadline_on
        self.measures, self.responsible_unit, self.responsible_person = measures, unit, person

    def rectify(self, *, what: str, evidence: list[str], by: str, name: str, on: date) -> None:
        """Submit the rectification for verification (提交整改)."""
        if self.status not in _RECTIFIABLE:
            raise errors.NotUnderRectification
        self.status, self.rectified_on = FindingStatus.SUBMITTED, on
        self.rectification, self.evidence, self.rectified_by, self.rectified_by_name = (
            what,
            evidence,
            by,
            name,
        )

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
        """Bring a closed finding back (重新立项)."""
        if self.status != FindingStatus.CLOSED:
            raise errors.NotClosed
        self.status, self.reason, self.reopened = FindingStatus.REOPENED, reason, self.reopened + 1
        self.closed_on, self.on_the_spot = None, False

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


def is_overdue(today: date) -> ColumnElement[bool]:
    """Return the condition for findings that passed their deadline and are not closed."""
    return and_(col(Finding.closed_on).is_(None), col(Finding.deadline_on) < today)
