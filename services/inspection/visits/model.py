"""Tables of visits, and of which households have been visited."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import DateTime, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from services.inspection.tables import Row
from services.inspection.visits.errors import AlreadyDismissed, NotInConflict
from shared.database import Identified, Placed, Recorded


class Visit(Row, Identified, Placed, Recorded, table=True):
    """What an officer saw and heard at a household. Its id may be made by an offline front end."""

    __table_args__ = (
        Index(None, "campaign_id", "division_code"),
        Index("ix_visit_in_conflict", "campaign_id", "id", postgresql_where=text("in_conflict")),
    )

    campaign_id: UUID
    household_id: UUID = Field(index=True)
    visited_at: datetime = Field(sa_type=DateTime(timezone=True))
    #: Who was there; the row's stamp says who sent it in.
    officer: str
    #: The visit that counts for coverage; a later one of the same campaign is a follow-up.
    first: bool
    #: ``Answer`` and ``SignalDraft`` of the request.
    answers: list[dict[str, Any]] = Field(sa_type=JSONB)
    signals: list[dict[str, Any]] = Field(sa_type=JSONB)
    #: ``Corrections`` of the request: only what was found to be otherwise.
    corrections: dict[str, Any] = Field(sa_type=JSONB)
    finding_ids: list[str] = Field(sa_type=JSONB)
    #: SHA-256 of the request, by which a visit sent again is told from another one with its id.
    digest: bytes
    #: ``Conflict``: what had changed since the form was made.
    conflicts: list[dict[str, Any]] = Field(default=[], sa_type=JSONB)
    #: A person must say what is true.
    in_conflict: bool = False
    #: Who said it, and why.
    settled_by: str | None = None
    settlement: str | None = None

    def settle(self, *, by: str, why: str) -> None:
        """Say how what the visit found and what the registry knew go together."""
        if not self.in_conflict:
            raise NotInConflict
        self.in_conflict, self.settled_by, self.settlement = False, by, why


class Coverage(Row, Placed, table=True):
    """One row for each household visited in a campaign: the first visit wins, whoever sends it."""

    campaign_id: UUID = Field(primary_key=True)
    household_id: UUID = Field(primary_key=True)
    visit_id: UUID


class RefusedVisit(Row, Identified, Placed, table=True):
    """A visit of a batch that could not be taken, as it was sent: what an officer wrote down is not lost."""

    __table_args__ = (UniqueConstraint("campaign_id", "digest"),)

    campaign_id: UUID
    #: If it names one that is known: it goes along when that one belongs elsewhere.
    household_id: UUID | None = Field(default=None, index=True)
    visit_id: UUID | None = Field(default=None, index=True)
    #: SHA-256 of ``body``: sent again it is the same.
    digest: bytes
    #: JSON, which may hold what PostgreSQL's own JSON does not take.
    body: bytes
    #: ``Problem``, in Chinese.
    problem: dict[str, Any] = Field(sa_type=JSONB)
    refused_at: datetime = Field(sa_type=DateTime(timezone=True))
    sent_by: str
    dismissed_by: str | None = None
    dismissal: str | None = None

    @property
    def visit(self) -> Any:
        """Return what was sent, with a question mark for each half of a sign, which no answer can hold."""
        words = json.dumps(json.loads(self.body), ensure_ascii=False)
        return json.loads(words.encode("utf-8", "replace"))

    def dismiss(self, *, by: str, why: str) -> None:
        """Leave it out for good."""
        if self.dismissed_by:
            raise AlreadyDismissed
        self.dismissed_by, self.dismissal = by, why
