"""Facts that visits found to be otherwise than the registry has them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import Column
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from services.inspection.tables import Row
from shared.database import Identified, Placed

#: Sent to the registry, which has not answered yet.
PROPOSED = "proposed"


class Correction(Row, Identified, Placed, table=True):
    """One fact that one visit found to be otherwise, and what the registry said to it."""

    visit_id: UUID = Field(index=True)
    household_id: UUID = Field(index=True)
    member_id: UUID | None = None
    #: Of ``HouseholdState``, or of ``MemberState``.
    field: str
    known: Any = Field(default=None, sa_column=Column(JSONB(none_as_null=True)))
    found: Any = Field(default=None, sa_column=Column(JSONB(none_as_null=True)))
    #: Codes of the lists ``correction_status`` and ``correction_reason``.
    status: str = PROPOSED
    reason: str | None = None
    note: str | None = None
    decided_by: str | None = None
    #: Of the registry's newest decision; 0 while there is none.
    sequence: int = 0
