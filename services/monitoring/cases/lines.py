"""The file of an identification: what was done, line by line."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import DateTime
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from services.monitoring.tables import Row
from shared.database import Identified, Placed


class CaseEntry(Row, Identified, Placed, table=True):
    """One line of a case's file: a step done, a return, a withdrawal. Written once, changed never.

    Where a step was done again, the newest line of it holds.
    """

    case_id: UUID = Field(index=True)
    #: The step that was done, or ``return``, ``withdrawal_proposed``, ``withdrawal``, ``withdrawal_returned``.
    entry: str
    happened_on: date
    entered_at: datetime = Field(sa_type=DateTime(timezone=True))
    by: str
    by_name: str
    #: The last day on which it was in time, and the version of the limits that set it.
    due_on: date
    due_rule: str
    #: The form, as it was filled in.
    content: dict[str, Any] = Field(sa_type=JSONB)
    evidence: list[str] = Field(sa_type=JSONB)
    #: Of a household check: the household and its members as they were known then (``known_of``).
    household: dict[str, Any] | None = Field(default=None, sa_type=JSONB)
