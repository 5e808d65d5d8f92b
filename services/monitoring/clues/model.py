"""The table of clues, and the moves of a clue's life."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from services.monitoring.clues import errors
from services.monitoring.clues.rules import Arrival, Outcome
from services.monitoring.monitored.model import MonitoredObject
from services.monitoring.tables import Row
from shared.database import Identified, Placed, Recorded


class ClueStatus(StrEnum):
    """Where a clue stands."""

    RECEIVED = "received"
    VERIFIED_AT_RISK = "verified_at_risk"
    DISMISSED = "dismissed"
    #: Its household's identification was already under way: it goes on there.
    MERGED = "merged"


class Clue(Row, Identified, Placed, Recorded, table=True):
    """Something that may mean risk for a household (线索); one from departmental data is a warning (预警).

    While it is unsettled, whatever else is told of the same household and risk becomes its evidence.
    """

    __table_args__ = (
        CheckConstraint("(status = 'received') = (settled_on IS NULL)", name="settled_with_date"),
        Index("ix_clue_unsettled", "division_code", postgresql_where=text("status = 'received'")),
    )

    household_id: UUID = Field(index=True)
    #: The person at risk, where the risk is a person's.
    member_id: UUID | None = None
    risk_type: str
    status: str = ClueStatus.RECEIVED
    received_on: date
    #: The last day on which a verdict is in time.
    due_on: date
    #: Each once, in the order in which they told.
    sources: list[str] = Field(sa_type=JSONB)
    #: What each of them told: source, date, sender, words, reference, and the rule behind a warning.
    evidence: list[dict[str, Any]] = Field(sa_type=JSONB)
    settled_on: date | None = None
    settled_by: str | None = None
    settled_by_name: str | None = None
    #: What was found out, or why it was dismissed.
    verdict: str | None = None
    case_id: UUID | None = Field(default=None, index=True)
    #: The object whose risk came back, or that is at a further risk.
    monitored_id: UUID | None = None

    @classmethod
    def of(cls, arrival: Arrival, *, division_code: str, on: date, due_on: date, sender: str) -> Clue:
        """Return a new clue."""
        clue = cls(
            household_id=arrival.household_id,
            member_id=arrival.member_id,
            risk_type=arrival.risk_type,
            division_code=division_code,
            received_on=on,
            due_on=due_on,
            sources=[],
            evidence=[],
        )
        clue.confirm(arrival, on=on, sender=sender)
        return clue

    def confirm(self, arrival: Arrival, *, on: date, sender: str) -> bool:
        """Add what another source told; False where this very thing was told before."""
        if any(arrival.repeats(known) for known in self.evidence):
            return False
        # Assigned anew: a JSON column does not see what is appended to it.
        self.evidence = [*self.evidence, arrival.evidence(on=on, sender=sender)]
        self.sources = list(dict.fromkeys([*self.sources, arrival.source]))
        self.member_id = self.member_id or arrival.member_id
        return True

    def verify(self, *, verdict: str, by: str, name: str, on: date) -> None:
        """Say that there is a risk (核实有风险)."""
        self._settle(ClueStatus.VERIFIED_AT_RISK, verdict, by, name, on)

    def merge(self, *, case_id: UUID, verdict: str, by: str, name: str, on: date) -> None:
        """Hand it to the household's identification that is under way (并入)."""
        self._settle(ClueStatus.MERGED, verdict, by, name, on)
        self.case_id = case_id

    def dismiss(self, *, reason: str, by: str, name: str, on: date) -> None:
        """Say that there is none, and why (核实无风险)."""
        self._settle(ClueStatus.DISMISSED, reason, by, name, on)

    def _settle(self, status: ClueStatus, verdict: str, by: str, name: str, on: date) -> None:
        if self.status != ClueStatus.RECEIVED:
            raise errors.ClueSettledAlready
        self.status, self.verdict, self.settled_on = status, verdict, on
        self.settled_by, self.settled_by_name = by, name


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of an arrival: the clue that it made or confirmed, or the object that knew it already."""

    arrival: Arrival
    outcome: Outcome
    clue: Clue | None
    monitored: MonitoredObject | None
