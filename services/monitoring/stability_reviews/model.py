"""Tables of a stability review."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import DateTime
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from services.monitoring.tables import Row
from shared.database import Identified, Placed, Recorded


class Verdict(StrEnum):
    """What a review says of an object; labels in the code list ``stability``."""

    STABLE = "stable"
    #: A rule of stability hits it: it is a candidate for re-tagging.
    DOUBTFUL = "doubtful"
    #: No rule hits it, but the registry lacks facts that rules ask.
    UNKNOWN = "unknown"


class StabilityReview(Row, Identified, Placed, Recorded, table=True):
    """One review of all objects of ``division_code`` whose risk had been eliminated."""

    on: date
    asked_by: str
    job_id: UUID | None = None
    finished_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    #: The rules and versions that were asked.
    rules: list[dict[str, Any]] = Field(default_factory=list, sa_type=JSONB)


class ReviewedObject(Row, Placed, table=True):
    """What a review said of one object. Written once."""

    review_id: UUID = Field(primary_key=True)
    monitored_id: UUID = Field(primary_key=True)
    household_id: UUID = Field(index=True)
    verdict: str
    #: Rule, version and risk of each hit, with the facts as they were.
    hits: list[dict[str, Any]] = Field(sa_type=JSONB)
    #: Facts that were asked and that the registry does not have.
    unknown: list[str] = Field(sa_type=JSONB)
    eliminated_on: date
