"""The book of natural changes: what happened to a household's people, on which evidence, and whether it was undone."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import DateTime
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from services.household.tables import Row
from shared.database import Identified, Placed, Recorded


class Kind(StrEnum):
    """Kinds of natural change; labels in the code list ``natural_change``."""

    #: Birth, marriage in, moving in, adoption … as ``reason`` says.
    ARRIVAL = "arrival"
    #: Death, marriage out, moving out …
    DEPARTURE = "departure"
    #: Away for a time: army, prison, school, missing.
    LEAVE = "leave"
    RETURN = "return"
    HEAD = "head"
    SPLIT = "split"
    MERGE = "merge"
    TRANSFER = "transfer"


class Part(StrEnum):
    """What somebody did in a change; labels in the code list ``part_in_change``."""

    JOINED = "joined"
    LEFT = "left"
    RETURNED = "returned"
    BECAME_HEAD = "became_head"
    #: Who they are to the head was said anew.
    RESTATED = "restated"
    #: Was there when the head changed, and is as before.
    STAYED = "stayed"


class NaturalChange(Row, Identified, Placed, Recorded, table=True):
    """One natural change (自然增减) of one household; of a change of two households each has its own line.

    Never deleted: what was entered by mistake is undone, and says so.
    """

    __table_args__ = ({"info": {"root": "household_id"}},)

    household_id: UUID = Field(index=True)
    #: The same for both lines of a change of two households.
    operation_id: UUID = Field(index=True)
    #: The other household of a split, a merge or a transfer.
    counterpart_id: UUID | None = None
    kind: str
    happened_on: date
    #: Code of the list ``join_reason`` or ``leave_reason``.
    reason: str | None = None
    #: What it rests on: a certificate's number, a decision, who was asked.
    evidence: str | None = None
    #: Whom it touched, and how they were before: the fields of ``Trace``.
    persons: list[dict[str, Any]] = Field(sa_type=JSONB)
    #: The version of the household that it made.
    household_version: int
    recorded_by: str
    recorded_at: datetime = Field(sa_type=DateTime(timezone=True))
    undone_by: str | None = None
    undone_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    undo_reason: str | None = None
