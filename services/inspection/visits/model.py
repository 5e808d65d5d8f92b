"""Tables of visits, and of which households have been visited."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import DateTime, Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from services.inspection.tables import Row
from shared.database import Identified, Placed, Recorded


class Visit(Row, Identified, Placed, Recorded, table=True):
    """What an officer saw and heard at a household. Its id may be made by an offline front end."""

    __table_args__ = (Index(None, "campaign_id", "division_code"),)

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


class Coverage(Row, Placed, table=True):
    """One row for each household visited in a campaign: the first visit wins, whoever sends it."""

    campaign_id: UUID = Field(primary_key=True)
    household_id: UUID = Field(primary_key=True)
    visit_id: UUID
