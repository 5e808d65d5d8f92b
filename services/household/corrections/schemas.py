"""Shapes of corrections."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from services.household.changes.schemas import NewHead
from shared.domain.codes import Coded

Note = Annotated[str, Field(min_length=2, max_length=200)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


class Acceptance(_Strict):
    """Somebody takes it over."""

    note: Note | None = None
    #: Where the head has died or left, and leaves others behind.
    new_head: NewHead | None = None


class Refusing(_Strict):
    """Somebody does not, and says why."""

    note: Note


class CorrectionView(BaseModel):
    """A fact found to be otherwise, and what became of it."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    household_id: UUID
    division_code: str
    member_id: UUID | None
    source: Annotated[str, Coded("history_source")]
    #: The visit or the batch that said so first.
    source_id: UUID
    found_at: datetime
    found_by: str
    #: The department's dataset that says so, and since when it is so.
    dataset: str | None
    happened_on: date | None
    field: str
    known: Any
    found: Any
    status: Annotated[str, Coded("correction_status")]
    reason: Annotated[str, Coded("correction_reason")]
    note: str | None
    decided_by: str | None
    decided_at: datetime | None
    #: The version of the household that it made.
    household_version: int | None
    #: Since when, and why, whoever proposed it does not say so any more: what was accepted may have to be set right.
    withdrawn_at: datetime | None
    withdrawal_reason: str | None
    version: int
