"""Shapes of the review of duplicates."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from services.household.households.schemas import MemberView
from shared.domain.division import DivisionCode

Reason = Annotated[str, Field(min_length=2, max_length=200)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


class AgreementView(BaseModel):
    """How a field agrees (codes ``agreement``), and the bits by which that speaks for one person."""

    field: str
    how: str
    bits: float


class PersonLine(BaseModel):
    """One of the two, as a list shows people."""

    member_id: UUID
    household_id: UUID
    division_code: str
    name: str
    sex: str | None
    birth_date: date | None
    #: Masked.
    identity_number: str | None


class PairLine(BaseModel):
    """Two members who may be one person; codes of ``state`` are those of ``pair_state``."""

    id: UUID
    state: str
    #: The chance that they are one person.
    score: float
    division_code: str
    found_by: str
    one: PersonLine
    other: PersonLine
    agreements: list[AgreementView]
    decided_at: datetime | None
    decided_by: str | None
    decision_reason: str | None
    kept_id: UUID | None


class FieldChoice(BaseModel):
    """A field of both records, masked where private."""

    field: str
    kept: Any
    other: Any
    agrees: bool
    #: Whether the other's value would be taken.
    take: bool


class MergePreview(BaseModel):
    """What a merge would do, unless it is told otherwise."""

    keep: UUID
    fields: list[FieldChoice]
    #: Households that would have nobody left; they stay, empty.
    emptied: list[UUID]
    #: Code of the refusal that stands in the way.
    obstacle: str | None


class PairSide(BaseModel):
    """One of the two, whole, and where it stands."""

    member: MemberView
    household_id: UUID
    household_number: str
    division_code: str
    head_name: str | None
    member_count: int


class PairView(PairLine):
    """A pair side by side. Its ``ETag`` covers the pair and both households."""

    sides: list[PairSide]
    #: None once it has been decided.
    preview: MergePreview | None


class Merge(_Strict):
    """They are one person (是同一人): who stays, and which of the other's values are taken."""

    #: Else as the preview suggests.
    keep: UUID | None = None
    take: list[str] | None = None
    reason: Reason


class Unmerge(_Strict):
    """They are two people after all (撤销合并)."""

    reason: Reason


class Dismissal(_Strict):
    """They are two people (不是同一人)."""

    reason: Reason


class ScanRequest(_Strict):
    """Where to look: everybody in this division is compared with everybody, wherever registered."""

    division: DivisionCode


class ScanView(BaseModel):
    """A scan that was asked for."""

    job: str
