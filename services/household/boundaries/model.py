"""The book of changes of boundaries (区划调整)."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Column, DateTime, String
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlmodel import Field

from services.household.tables import Row
from shared.database import Identified, Recorded


class ChangeState(StrEnum):
    """How far a change of boundaries is; labels in the code list ``boundary_state``."""

    #: Waits for its day.
    PLANNED = "planned"
    #: Divisions are changed, households on their way.
    UNDER_WAY = "under_way"
    DONE = "done"
    CANCELLED = "cancelled"
    #: On its day it no longer held.
    REFUSED = "refused"


class BoundaryChange(Row, Identified, Recorded, table=True):
    """One change of boundaries: which divisions there are from a day on, and where whose households belong then.

    Public, as divisions are.
    """

    #: Code of the list ``boundary_change``.
    kind: str
    effective_on: date = Field(index=True)
    reason: str
    #: The decision it rests on (批复文号).
    document: str | None = None
    state: str = ChangeState.PLANNED.value
    #: ``{code, name}``: entered on the day, or called so from it on.
    divisions: list[dict[str, str]] = Field(sa_type=JSONB)
    #: ``{from_code, to_code, groups, household_ids}``, in this order.
    moves: list[dict[str, Any]] = Field(sa_type=JSONB)
    closes: list[str] = Field(sa_column=Column(ARRAY(String), nullable=False))
    #: Every code that is spoken of: two changes under way must not share one.
    codes: list[str] = Field(sa_column=Column(ARRAY(String), nullable=False))
    #: Households that have moved, by the place of their move.
    moved: list[int] = Field(sa_type=JSONB)
    #: Why it was refused on its day.
    refusal: str | None = None
    # Whoever entered it carries it out, within the same walls, whenever its day comes.
    owner: str
    recorded_by: str
    areas: list[str] = Field(sa_column=Column(ARRAY(String), nullable=False))
    carried_out_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
