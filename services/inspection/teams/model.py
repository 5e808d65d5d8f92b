"""The table of teams."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from services.inspection.tables import Row
from shared.database import Identified, Placed, Recorded


class Team(Row, Identified, Placed, Recorded, table=True):
    """The people who visit in a village, or all over a town."""

    __table_args__ = (
        UniqueConstraint("campaign_id", "division_code", "name"),
        {"info": {"root": "campaign_id"}},
    )

    campaign_id: UUID
    name: str
    leader: str
    #: ``TeamMember`` of each, the leader too.
    members: list[dict[str, Any]] = Field(sa_type=JSONB)
