"""Proposed corrections and what became of them."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Column, DateTime, Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from services.household.corrections.errors import CorrectionDecided, FoundBySamePerson
from services.household.tables import Row
from shared.database import Identified, Placed, Recorded
from shared.identity.principal import Principal


class Status(StrEnum):
    """What became of a correction; labels in the code list ``correction_status``."""

    WAITING = "waiting"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    #: Whoever proposed it does not say so any more, and nobody had decided.
    WITHDRAWN = "withdrawn"


class Correction(Row, Identified, Placed, Recorded, table=True):
    """A fact that somebody outside the registry found to be otherwise. Its id is the proposer's."""

    __table_args__ = (Index(None, "status", "id"), {"info": {"root": "household_id"}})

    #: Where the person lives now, if they went to another household since.
    household_id: UUID = Field(index=True)
    member_id: UUID | None = None
    #: ``visit`` or ``comparison``.
    source: str
    source_id: UUID
    found_at: datetime = Field(sa_type=DateTime(timezone=True))
    #: The officer's name, or whose data it is and of which period.
    found_by: str
    #: The department's dataset that says so.
    dataset: str | None = None
    #: As the department dates it.
    happened_on: date | None = None
    #: Subject of whoever sent it in.
    proposed_by: str
    #: Of ``HouseholdState``, or of ``MemberState`` where there is a member; ``leave_reason``: they left.
    field: str
    #: What was known to the registry when it was found to be otherwise.
    known: Any = Field(default=None, sa_column=Column(JSONB(none_as_null=True)))
    found: Any = Field(default=None, sa_column=Column(JSONB(none_as_null=True)))
    status: str
    #: Code of the list ``correction_reason``.
    reason: str
    #: In the words of the person who decided.
    note: str | None = None
    decided_by: str | None = None
    decided_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    #: The version of the household that it made.
    household_version: int | None = None
    #: Since when, and why, whoever proposed it does not say so any more; an accepted one stays for a person to see.
    withdrawn_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    withdrawal_reason: str | None = None

    def expect_decidable_by(self, principal: Principal) -> None:
        """Refuse where it was decided before, and where the finder would decide (four eyes)."""
        if self.status != Status.WAITING:
            raise CorrectionDecided
        if self.proposed_by == principal.subject:
            raise FoundBySamePerson

    def settle(self, status: Status, reason: str, *, by: str, at: datetime, note: str | None = None) -> None:
        """Note what was decided."""
        self.status, self.reason, self.note = status, reason, note
        if status is not Status.WAITING:
            self.decided_by, self.decided_at = by, at

    def withdraw(self, because: str, *, by: str, at: datetime) -> None:
        """Note that it is not said any more: it ends where it waits, and a decision stands."""
        if self.status == Status.WAITING:
            self.settle(Status.WITHDRAWN, "withdrawn_by_source", by=by, at=at)
        self.withdrawn_at, self.withdrawal_reason = at, because
