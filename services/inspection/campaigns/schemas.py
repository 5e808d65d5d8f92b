"""Requests and answers about campaigns."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from services.inspection.campaigns.phases import Phase
from shared.domain.codes import Coded
from shared.domain.division import DivisionCode

Phases = Annotated[tuple[Phase, ...], Field(min_length=4, max_length=4)]


class CampaignDraft(BaseModel):
    """A campaign to plan. Without ``phases`` its days are divided as the county's plan does."""

    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, StringConstraints(min_length=1, max_length=200, strip_whitespace=True)]
    year: Annotated[int, Field(ge=2015, le=2100)]
    division_code: DivisionCode
    checklist: str = "2021"
    starts_on: date
    ends_on: date
    phases: Phases | None = None
    #: Where it is held, inside the division; none means the whole.
    divisions: Annotated[tuple[DivisionCode, ...], Field(max_length=200)] = ()
    #: Kinds of household that it is about; none means all.
    kinds: tuple[Annotated[str, Coded("household_kind")], ...] = ()
    #: An earlier campaign whose unfinished findings this one takes over when it opens.
    inherits: UUID | None = None

    @model_validator(mode="after")
    def _begins_before_it_ends(self) -> Self:
        if self.ends_on < self.starts_on:
            raise ValueError("ends_on lies before starts_on")
        return self


class PauseDraft(BaseModel):
    """Why the campaign is interrupted."""

    model_config = ConfigDict(extra="forbid")

    reason: Annotated[str, StringConstraints(min_length=1, max_length=500, strip_whitespace=True)]


class ScheduleDraft(BaseModel):
    """A town's or park's own dates."""

    model_config = ConfigDict(extra="forbid")

    division_code: DivisionCode
    phases: Phases


class CampaignView(BaseModel):
    """A campaign."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    name: str
    year: int
    division_code: str
    checklist: str
    starts_on: date
    ends_on: date
    status: str
    phases: tuple[Phase, ...]
    divisions: tuple[str, ...]
    kinds: tuple[str, ...]
    inherits: UUID | None
    reason: str | None
    version: int
    changed_at: datetime


class ScheduleView(BaseModel):
    """A town's or park's own dates."""

    model_config = ConfigDict(from_attributes=True)

    campaign_id: UUID
    division_code: str
    phases: tuple[Phase, ...]
    version: int


class FindingCounts(BaseModel):
    """Findings of a division or of an area of inspection: ``raised`` is all, ``open`` what is still in the ledger."""

    raised: int = 0
    closed: int = 0
    merged: int = 0
    #: Rectified, waiting for somebody to verify.
    submitted: int = 0
    open: int = 0
    overdue: int = 0
    on_the_spot: int = 0

    def __add__(self, other: FindingCounts) -> FindingCounts:
        """Return both together."""
        mine, theirs = self.model_dump(), other.model_dump()
        return FindingCounts(**{name: mine[name] + theirs[name] for name in mine})


class DivisionProgress(BaseModel):
    """How far one division is."""

    division_code: str
    name: str | None
    #: Households of the registry there, and those of them that were visited in this campaign. Who was visited and is
    #: gone since, merged or moved away, counts among both.
    due: int
    visited: int
    #: ``visited / due`` in percent, one decimal; null where there is no household.
    coverage: float | None
    findings: FindingCounts


class OfficerProgress(BaseModel):
    """What one officer did: first visits of households, and what became of the findings that they raised."""

    officer: str
    #: Households that are theirs to visit, visited or not.
    assigned: int
    visited: int
    raised: int
    closed: int


class Progress(BaseModel):
    """How far a campaign is, at ``as_of``."""

    campaign_id: UUID
    by: str
    as_of: datetime
    total: DivisionProgress
    #: Of the level asked for; empty by officer.
    divisions: list[DivisionProgress]
    #: Empty unless asked for by officer.
    officers: list[OfficerProgress]
    #: Findings by area of inspection, A1 to A8.
    areas: dict[str, FindingCounts]
