"""Tables of training sessions and of who was asked to come."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlmodel import Field, String

from services.inspection.campaigns.model import SeenFromBelow
from services.inspection.tables import Row
from shared.database import Identified, Recorded


class Training(Row, Identified, SeenFromBelow, Recorded, table=True):
    """A session for the people of a division (动员暨培训会议、分层分级业务培训)."""

    campaign_id: UUID = Field(index=True)
    title: str
    held_on: date
    place: str
    trainer: str
    topics: str


class Attendance(Row, table=True):
    """Somebody who was asked to come, and whether they did."""

    training_id: UUID = Field(primary_key=True)
    #: Where they work: names are told apart by it.
    division_code: str = Field(primary_key=True, sa_type=String(12, collation="C"), index=True)
    name: str = Field(primary_key=True)
    role: str
    status: str
