"""A self-inspection report as it was made: figures, words and the moment they speak of."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Column, DateTime
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from services.reporting.tables import Row
from shared.database import Identified, Placed, Recorded


class SelfInspection(Row, Identified, Placed, Recorded, table=True):
    """A report of a division on a campaign. Its content never changes: a new state of things is a new report."""

    campaign_id: UUID = Field(index=True)
    as_of: datetime = Field(sa_type=DateTime(timezone=True))
    made_by: str
    #: ``SelfInspectionContent`` as JSON.
    content: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
