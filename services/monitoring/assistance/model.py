"""Tables of plans and measures, and the moves of a measure's life."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from enum import StrEnum
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


class Plan(Row, Identified, Placed, Recorded, table=True):
    """A household's plan of assistance (一户一方案); the newest one holds."""

    monitored_id: UUID = Field(index=True)
    made_on: date
    made_by: str
    #: Resources, needs and wishes of the household, in words.
    situation: str
    goal: str
    approach: str
    #: The household has read and signed it.
    agreed: bool


class Measure(Row, Identified, Placed, Recorded, table=True):
    """An assistance measure (帮扶措施), for the household or one person of it (一人一措施)."""

    __table_args__ = (CheckConstraint("(status = 'done') = (done_on IS NOT NULL)", name="done_with_date"),)

    monitored_id: UUID = Field(index=True)
    household_id: UUID
    member_id: UUID | None = None
    kind: str
    #: The risk that it is against; None for support that is against none in particular.
    risk_type: str | None = None
    description: str
    status: str = MeasureStatus.PLANNED
    planned_on: date
    started_on: date | None = None
    done_on: date | None = None
    fund_source: str | None = None
    funds_planned: Decimal | None = Field(default=None, sa_type=Numeric(14, 2))
    funds_paid: Decimal | None = Field(default=None, sa_type=Numeric(14, 2))
    #: Of a small credit.
    term_months: int | None = None
    progress: str | None = None
    #: What it brought, once done.
    effect: str | None = None
    #: Why it was stopped.
    reason: str | None = None
    evidence: list[str] = Field(default=[], sa_type=JSONB)

    def make_progress(self, *, words: str, evidence: Sequence[str], paid: Decimal | None, on: date) -> None:
        """Report that it is under way."""
        self._expect_running()
        self.status, self.progress = MeasureStatus.IN_PROGRESS, words
        self._note(evidence, paid, on)

    def complete(self, *, effect: str, evidence: Sequence[str], paid: Decimal | None, on: date) -> None:
        """Report that it is done, and what it brought."""
        self._expect_running()
        self.status, self.effect, self.done_on = MeasureStatus.DONE, effect, on
        self._note(evidence, paid, on)

    def stop(self, *, reason: str) -> None:
        """End it without its being done."""
        self._expect_running()
        self.status, self.reason = MeasureStatus.STOPPED, reason

    def _expect_running(self) -> None:
        if self.status not in _RUNNING:
            raise errors.MeasureEnded

    def _note(self, evidence: Sequence[str], paid: Decimal | None, on: date) -> None:
        self.started_on = self.started_on or on
        self.evidence = [*self.evidence, *evidence]
        self.funds_paid = self.funds_paid if paid is None else paid
