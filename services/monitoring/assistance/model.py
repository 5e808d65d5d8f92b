"""Tables of plans and measures, and the moves of a measure's life."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Numeric
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from services.monitoring.assistance import errors
from services.monitoring.tables import Row
from shared.database import Identified, Placed, Recorded


class MeasureStatus(StrEnum):
    """Where a measure stands."""

    PLANNED = "planned"
    IN_PROGRESS = "in_progress"
    DONE = "done"
    STOPPED = "stopped"


_RUNNING = frozenset({MeasureStatus.PLANNED, MeasureStatus.IN_PROGRESS})


@dataclass(frozen=True, slots=True)
class Payment:
    """Money paid for a measure."""

    source: str | None
    amount: Decimal
    on: date
    #: Why it goes beyond what was planned.
    reason: str | None = None


class Plan(Row, Identified, Placed, Recorded, table=True):
    """A household's plan of assistance (一户一方案); the newest one holds."""

    monitored_id: UUID = Field(index=True)
    made_on: date
    made_by: str
    #: Resources, needs and wishes of the household, in words.
    situation: str
    goal: str
    approach: str
    #: What is intended against each open risk: type, and words.
    intents: list[dict[str, Any]] = Field(default=[], sa_type=JSONB)
    #: The household has read and signed it.
    agreed: bool
    #: Why the one before was not good enough (优化调整); None for the first.
    occasion: str | None = None
    #: The newest review that found it still right.
    reviewed_on: date | None = None
    reviewed_by: str | None = None
    review: str | None = None

    def stand(self, *, words: str, by: str, on: date) -> None:
        """Be found still right."""
        self.review, self.reviewed_by, self.reviewed_on = words, by, on


class Measure(Row, Identified, Placed, Recorded, table=True):
    """An assistance measure (帮扶措施), for the household or one person of it (一人一措施)."""

    __table_args__ = (CheckConstraint("(status = 'done') = (done_on IS NOT NULL)", name="done_with_date"),)

    #: None: for a lifted household that is not under watch, by its class (分类帮扶).
    monitored_id: UUID | None = Field(default=None, index=True)
    household_id: UUID = Field(index=True)
    member_id: UUID | None = None
    kind: str
    #: The risk that it is against; None for support that is against none in particular.
    risk_type: str | None = None
    description: str
    status: str = MeasureStatus.PLANNED
    planned_on: date
    started_on: date | None = None
    #: The last day that is intended for it.
    ends_on: date | None = None
    done_on: date | None = None
    #: The project (衔接资金项目 …) that it belongs to.
    project: str | None = None
    fund_source: str | None = None
    funds_planned: Decimal | None = Field(default=None, sa_type=Numeric(14, 2))
    #: The sum of the payments.
    funds_paid: Decimal | None = Field(default=None, sa_type=Numeric(14, 2))
    #: Source, amount, day, by whom, and why it goes beyond what was planned; oldest first.
    payments: list[dict[str, Any]] = Field(default=[], sa_type=JSONB)
    #: Of a small credit.
    term_months: int | None = None
    #: The loan that carries it out.
    credit_id: UUID | None = None
    progress: str | None = None
    #: What it brought, once done.
    effect: str | None = None
    #: Why it was stopped.
    reason: str | None = None
    evidence: list[str] = Field(default=[], sa_type=JSONB)

    @property
    def takes_credit(self) -> bool:
        """Tell whether a loan may carry it out."""
        return self.kind == "credit" and self.credit_id is None and self.status in _RUNNING

    def make_progress(self, *, words: str, evidence: Sequence[str], on: date) -> None:
        """Report that it is under way."""
        self._expect_running()
        self.status, self.progress = MeasureStatus.IN_PROGRESS, words
        self._note(evidence, on)

    def complete(self, *, effect: str, evidence: Sequence[str], on: date) -> None:
        """Report that it is done, and what it brought."""
        self._expect_running()
        self.status, self.effect, self.done_on = MeasureStatus.DONE, effect, on
        self._note(evidence, on)

    def stop(self, *, reason: str) -> None:
        """End it without its being done."""
        self._expect_running()
        self.status, self.reason = MeasureStatus.STOPPED, reason

    def pay(self, payment: Payment, *, by: str) -> None:
        """Enter a payment (资金拨付), of a measure that is done, too; what exceeds the planned sum says why."""
        if self.status == MeasureStatus.STOPPED:
            raise errors.MeasureEnded
        paid = (self.funds_paid or Decimal(0)) + payment.amount
        if paid > (self.funds_planned or Decimal(0)) and payment.reason is None:
            raise errors.BeyondPlanned
        entered = {**asdict(payment), "amount": str(payment.amount), "on": payment.on.isoformat(), "by": by}
        self.payments, self.funds_paid = [*self.payments, entered], paid

    def pay_up_to(self, so_far: Decimal | None, *, by: str, on: date) -> None:
        """Enter what a report of the sum so far tells of new payment, out of the measure's own source."""
        new = Decimal(0) if so_far is None else so_far - (self.funds_paid or Decimal(0))
        if new < 0:
            raise errors.PaidLess
        if new:
            self.pay(Payment(self.fund_source, new, on), by=by)

    def _expect_running(self) -> None:
        if self.status not in _RUNNING:
            raise errors.MeasureEnded

    def _note(self, evidence: Sequence[str], on: date) -> None:
        self.started_on = self.started_on or on
        self.evidence = [*self.evidence, *evidence]
