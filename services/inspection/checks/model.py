"""The table of checks."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import DateTime, Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from services.inspection.tables import Row
from shared.database import Identified, Placed, Recorded


class SiteCheck(Row, Identified, Placed, Recorded, table=True):
    """What an officer found in a village, on an object's site, or of the county's mechanisms."""

    __tablename__ = "site_check"
    __table_args__ = (Index(None, "campaign_id", "division_code"),)

    campaign_id: UUID
    #: None of a village or the county.
    object_id: UUID | None = Field(default=None, index=True)
    #: The village, the object or the county, as people call it.
    object_name: str
    checked_at: datetime = Field(sa_type=DateTime(timezone=True))
    officer: str
    #: ``Answer`` of each item.
    answers: list[dict[str, Any]] = Field(sa_type=JSONB)
    finding_ids: list[str] = Field(sa_type=JSONB)
    #: SHA-256 of the request, by which a check sent again is told from another one with its id.
    digest: bytes
