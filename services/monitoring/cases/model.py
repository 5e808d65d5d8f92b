"""Tables of identification, and the moves of a case's life."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ColumnElement, Index, case, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, col

from services.monitoring.cases import errors
from services.monitoring.cases.steps import Step
from services.monitoring.limits import due
from services.monitoring.tables import Row
from shared.database import Identified, Placed, Recorded
from shared.domain.level import Level


class CaseStatus(StrEnum):
    """Where a case stands."""

    OPEN = "open"
    APPROVED = "approved"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class IdentificationCase(Row, Identified, Placed, Recorded, table=True):
    """The identification of one household (识别), from an accepted clue to tagging or to the reason against it."""

    __table_args__ = (
        CheckConstraint("(status = 'open') = (closed_on IS NULL)", name="closed_with_date"),
        # A household has one open case at most: whoever opens one holds the household's lock.
        Index("ix_identification_case_open", "household_id", postgresql_where=text("status = 'open'")),
    )

    household_id: UUID
    #: The clue that opened it.
    clue_id: UUID
    #: The step that is to be done next; the last one once all are done.
    step: str = Step.CONSENT
    status: str = CaseStatus.OPEN
    green_channel: bool = False
    opened_on: date
    #: The date of the newest step, on which the present one began.
    stepped_on: date
    #: The last day of the present step, and of the whole procedure up to approval; by which version of the limits.
    due_on: date
    due_rule: str
    procedure_due_on: date
    procedure_due_rule: str
    closed_on: date | None = None
    #: At whose table the present step lies; marks of the job that lets limits act, and its rule's version.
    level: str = Level.VILLAGE
    overdue_on: date | None = None
    escalated_on: date | None = None
    overdue_rule: str | None = None
    #: From the household check: ordered risks and what the rules make of the statement.
    risks: list[dict[str, Any]] = Field(default=[], sa_type=JSONB)
    judgement: dict[str, Any] = Field(default={}, sa_type=JSONB)
    category: str | None = None
    #: Who checked the household: the caller's subject, and the officers by name.
    checked_by: list[str] = Field(default=[], sa_type=JSONB)
    #: Officials who are the household's kin (``Relative``), and kin who sat in the village's deliberation: with either,
    #: two approve at the county.
    relatives: list[dict[str, Any]] = Field(default=[], sa_type=JSONB)
    kin_present: list[dict[str, Any]] = Field(default=[], sa_type=JSONB)
    first_approved_by: str | None = None
    #: Who recorded the deliberation: somebody else records what the departments say, and approves. Empty where that
    #: was not kept yet.
    deliberated_by: str | None = None
    reviewed_by: str | None = None
    #: Who checked jointly: the caller's subject, and those who spoke for departments, by name. Empty for a case that
    #: stood before the county already when the joint check became a step.
    joint_checked_by: list[str] = Field(default=[], sa_type=JSONB)
    approved_by: str | None = None
    monitored_id: UUID | None = None
    #: That the household wants it no more, as one person says until another agrees: why, and who of them signed it.
    withdrawal: str | None = None
    withdrawal_signed_by: str | None = None
    withdrawal_by: str | None = None
    withdrawal_by_name: str | None = None
    withdrawal_on: date | None = None
    #: Why it was returned last, refused or withdrawn.
    reason: str | None = None

    @classmethod
    def opened(
        cls, *, household_id: UUID, division_code: str, clue_id: UUID, on: date, green_channel: bool
    ) -> IdentificationCase:
        """Return a new case, at its first step."""
        step, procedure = due(Step.CONSENT.limit, division_code, on), due("procedure", division_code, on)
        return cls(
            household_id=household_id,
            division_code=division_code,
            clue_id=clue_id,
            opened_on=on,
            stepped_on=on,
            due_on=step.on,
            due_rule=step.rule,
            procedure_due_on=procedure.on,
            procedure_due_rule=procedure.rule,
            green_channel=green_channel,
        )

    def expect_at(self, step: Step) -> None:
        """Refuse unless the case is open and stands at this step."""
        self._expect_open()
        if self.step != step:
            raise errors.NotAtThisStep(f"the case stands at {self.step}")

    def complete(self, step: Step, *, on: date) -> None:
        """End a step and begin the next one; the last one ends the case."""
        self.expect_at(step)
        self.stepped_on = on
        if step.following is None:
            self._close(CaseStatus.APPROVED, on)
        else:
            self._begin(step.following, on)

    def check(
        self,
        *,
        risks: list[dict[str, Any]],
        judgement: dict[str, Any],
        category: str | None,
        by: Sequence[str],
        on: date,
        relatives: Sequence[Mapping[str, Any]] = (),
    ) -> None:
        """Take what two officers found at the household (入户核实); not by its kin."""
        self.expect_at(Step.HOUSEHOLD_CHECK)
        self.relatives, self.kin_present = [dict(each) for each in relatives], []
        self.expect_no_kin(*by)
        self.complete(Step.HOUSEHOLD_CHECK, on=on)
        self.risks, self.judgement, self.category, self.checked_by = risks, judgement, category, list(by)

    def deliberate(self, *, kin: Sequence[Mapping[str, Any]], by: str, on: date) -> None:
        """Take the village's agreement (村级评议), and which kin of the household sat there, recused."""
        self.complete(Step.DELIBERATION, on=on)
        self.kin_present, self.deliberated_by = [dict(each) for each in kin], by

    def review(self, *, by: str, name: str, on: date) -> None:
        """Agree at the town (乡镇审核); by nobody who checked the household."""
        self.expect_at(Step.TOWN_REVIEW)
        if {by, name} & set(self.checked_by):
            raise errors.SamePerson
        self.expect_no_kin(name)
        self.complete(Step.TOWN_REVIEW, on=on)
        self.reviewed_by = by

    def check_jointly(self, *, by: str, name: str, speakers: Sequence[str], on: date) -> None:
        """Take what departments say (部门联审); by nobody who checked, deliberated or reviewed, nor by kin."""
        self.expect_at(Step.JOINT_CHECK)
        if {by, name, *speakers} & {*self.checked_by, self.deliberated_by, self.reviewed_by}:
            raise errors.SamePerson
        self.expect_no_kin(name, *speakers)
        self.complete(Step.JOINT_CHECK, on=on)
        self.joint_checked_by = [by, *speakers]

    def approve(self, *, monitored_id: UUID, by: str, name: str, on: date) -> None:
        """Approve at the county (县级审定); by nobody who had a part before."""
        self.expect_approver(by=by, name=name)
        if self.category is None:
            raise errors.CriteriaNotMet
        if self.is_conflicted and self.first_approved_by is None:
            raise errors.SecondApproverNeeded
        self.complete(Step.COUNTY_APPROVAL, on=on)
        self.approved_by, self.monitored_id = by, monitored_id

    def expect_approver(self, *, by: str, name: str) -> None:
        """Refuse one person deciding alone (四眼原则)."""
        self.expect_at(Step.COUNTY_APPROVAL)
        others = {*self.checked_by, *self.joint_checked_by}
        if by in (self.deliberated_by, self.reviewed_by, self.first_approved_by) or {by, name} & others:
            raise errors.SamePerson
        self.expect_no_kin(name)

    def expect_no_kin(self, *names: str) -> None:
        """Refuse the household's kin (亲属回避)."""
        if self.kin & set(names):
            raise errors.KinDecides

    @property
    def kin(self) -> set[str]:
        """The names of kin who hold office or sat in the deliberation."""
        return {each["name"] for each in (*self.relatives, *self.kin_present)}

    @property
    def is_conflicted(self) -> bool:
        """Tell whether kin hold office or sat in the deliberation: then one approval is not enough."""
        return bool(self.relatives or self.kin_present)

    @property
    def awaits_second_approval(self) -> bool:
        """Tell whether one of two approvals is there."""
        return (
            self.status == CaseStatus.OPEN
            and self.first_approved_by is not None
            and self.monitored_id is None
        )

    def needs_another_approval(self, *, by: str, name: str, on: date) -> bool:
        """Take the first of two approvals where kin are involved; False where this one decides."""
        self.expect_approver(by=by, name=name)
        if self.category is None:
            raise errors.CriteriaNotMet
        if not self.is_conflicted or self.first_approved_by is not None:
            return False
        self.first_approved_by, self.stepped_on = by, on
        self._take_back_withdrawal()
        return True

    def return_to(self, step: Step, *, reason: str, on: date) -> None:
        """Send it back to a step that it has passed; that one and all that follow are done again."""
        self._expect_undecided()
        if step.number >= Step(self.step).number:
            raise errors.NotAnEarlierStep
        self.stepped_on = on
        self._begin(step, on)
        self.reason, self.first_approved_by = reason, None

    def propose_withdrawal(self, *, reason: str, signed_by: str, by: str, name: str, on: date) -> None:
        """Take what the household signed: it wants it no more (农户撤回); another person has to agree.

        The case goes on meanwhile, by the same limits: whatever is done next takes this off the table.
        """
        self._expect_undecided()
        if self.withdrawal is not None:
            raise errors.WithdrawalPending
        self.withdrawal, self.withdrawal_signed_by, self.withdrawal_on = reason, signed_by, on
        self.withdrawal_by, self.withdrawal_by_name = by, name

    def withdraw(self, *, by: str, on: date) -> None:
        """End it at the household's wish, as another person than who took it down."""
        self._expect_withdrawal(by)
        # What was proposed stays on the row: who signed, who took it down.
        self._close(CaseStatus.WITHDRAWN, on)
        self.reason = self.withdrawal

    def keep_open(self, *, by: str) -> None:
        """Find that it is not the household's wish: the case goes on where it stands."""
        self._expect_withdrawal(by)
        self._take_back_withdrawal()

    def refuse(self, *, reason: str, on: date) -> None:
        """End it without tagging (不予纳入): the household is told why."""
        self._expect_undecided()
        self._close(CaseStatus.REFUSED, on)
        self._take_back_withdrawal()
        self.reason = reason

    @property
    def last_on(self) -> date:
        """The last day in time: of the present step and, until the county has approved, of the whole procedure."""
        return self.due_on if self.monitored_id else min(self.due_on, self.procedure_due_on)

    def is_overdue(self, today: date) -> bool:
        """Tell whether the present step, or the whole procedure, has passed its limit."""
        return self.status == CaseStatus.OPEN and self.last_on < today

    def _begin(self, step: Step, on: date) -> None:
        self.step, self.level = step, step.level
        self.due_on, self.due_rule = due(step.limit, self.division_code, on)
        self.overdue_on = self.escalated_on = self.overdue_rule = None
        self._take_back_withdrawal()

    def _close(self, status: CaseStatus, on: date) -> None:
        self.status, self.closed_on = status, on

    def _take_back_withdrawal(self) -> None:
        self.withdrawal = self.withdrawal_signed_by = self.withdrawal_on = None
        self.withdrawal_by = self.withdrawal_by_name = None

    def _expect_withdrawal(self, by: str) -> None:
        self._expect_undecided()
        if self.withdrawal is None:
            raise errors.NoWithdrawal
        if by == self.withdrawal_by:
            raise errors.SamePersonWithdraws

    def _expect_open(self) -> None:
        if self.status != CaseStatus.OPEN:
            raise errors.CaseNotOpen

    def _expect_undecided(self) -> None:
        self._expect_open()
        if self.monitored_id is not None:
            raise errors.ApprovedAlready


def last_on_sql() -> ColumnElement[date]:
    """Return ``last_on`` as PostgreSQL reckons it."""
    step, whole = col(IdentificationCase.due_on), col(IdentificationCase.procedure_due_on)
    return case((col(IdentificationCase.monitored_id).is_(None), func.least(step, whole)), else_=step)
