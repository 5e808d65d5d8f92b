"""The table of assignments."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import Index, UniqueConstraint

from services.inspection.tables import Row
from shared.database import Identified, Placed, Recorded


class Assignment(Row, Identified, Placed, Recorded, table=True):
    """Who visits a household; history tells who it was before, and why that changed."""

    __table_args__ = (
        UniqueConstraint("campaign_id", "household_id"),
        Index(None, "campaign_id", "division_code", "officer"),
        {"info": {"root": "campaign_id"}},
    )

    campaign_id: UUID
    household_id: UUID
    officer: str
    #: Why it was handed over; none of the first one.
    reason: str | None = None
