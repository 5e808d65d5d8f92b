"""Tables of what is stated, and what was marked, about missing help; neither is ever changed."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from uuid import UUID

from sqlalchemy import UniqueConstraint
from sqlmodel import Field

from services.monitoring.tables import Row
from shared.database import Identified, Placed


class Duty(StrEnum):
    """What each household under watch is owed within a limit (``limits.yaml``)."""

    CONTACT = "contact"
    PLAN = "plan"
    MEASURES = "measures"


class StatedReason(Row, Identified, Placed, table=True):
    """Why nothing is done against a risk for now (未采取措施原因), who says so, and until when."""

    monitored_id: UUID = Field(index=True)
    risk_type: str
    reason: str
    said_on: date
    said_by: str
    said_by_name: str
    #: The last day on which it holds, and the version of the rule that lets it hold so long.
    until_on: date
    rule: str


class LateDuty(Row, Identified, Placed, table=True):
    """Help that was not arranged within its limit (帮扶逾期): once for each tagging."""

    __table_args__ = (UniqueConstraint("monitored_id", "duty", "tagged_on"),)

    monitored_id: UUID
    household_id: UUID
    duty: str
    #: The tagging from which the limit counts.
    tagged_on: date
    due_on: date
    #: The version of the limits that set it.
    due_rule: str
    overdue_on: date
