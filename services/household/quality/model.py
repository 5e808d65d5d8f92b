"""Runs of the checks, and what they counted."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import DateTime, String
from sqlmodel import Field

from services.household.tables import Row
from shared.database import Identified, Placed


class QualityRun(Row, Identified, table=True):
    """One run of all checks over a division. Open to everybody: it holds no figure."""

    #: What was checked; the nation's code stands for all that is registered.
    division: str = Field(sa_type=String(12, collation="C"))
    asked_by: str
    started_at: datetime = Field(sa_type=DateTime(timezone=True), index=True)
    finished_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))


class QualityFigure(Row, Placed, table=True):
    """What a check found in a village; where it found nothing there is no row."""

    run_id: UUID = Field(primary_key=True)
    check_code: str = Field(primary_key=True)
    division_code: str = Field(sa_type=String(12, collation="C"), primary_key=True, index=True)
    findings: int
