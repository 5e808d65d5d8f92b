"""The table of files of feedback."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from services.inspection.tables import Row
from shared.database import Identified, Placed, Recorded


class FeedbackFile(Row, Identified, Placed, Recorded, table=True):
    """A file that was taken into the ledger of a campaign: the same one sent again is this one."""

    __tablename__ = "feedback_file"
    __table_args__ = (
        UniqueConstraint("campaign_id", "division_code", "digest"),
        {"info": {"root": "campaign_id"}},
    )

    #: Its place is that of whoever sent it: their own area, or the campaign's where they have all of it.
    campaign_id: UUID
    #: Hex SHA-256 of the content and of what was wished.
    digest: str
    filename: str
    lines: int
    accepted: int
    #: Of each refused line: its number, its faults by column and code, its cells. Words are told to whoever asks.
    rejects: list[dict[str, Any]] = Field(sa_type=JSONB)
    #: What each header was taken for.
    headers: dict[str, Any] = Field(sa_type=JSONB)
