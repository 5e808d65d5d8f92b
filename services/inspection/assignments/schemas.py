"""Requests and answers about assignments."""

from __future__ import annotations

from typing import Annotated, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from services.inspection.teams.schemas import Name
from shared.domain.division import DivisionCode

Ids = Annotated[list[UUID], Field(min_length=1, max_length=500)]


class _Request(BaseModel):
    model_config = ConfigDict(extra="forbid")


class AssignmentDraft(_Request):
    """An officer for a village (or a group of it), for a grid, or for some households: exactly one of these."""

    officer: Name
    division_code: DivisionCode | None = None
    #: Of the village that ``division_code`` names.
    group_name: Name | None = None
    grid_id: UUID | None = None
    household_ids: Ids | None = None

    @model_validator(mode="after")
    def _for_one_thing(self) -> Self:
        named = [self.division_code, self.grid_id, self.household_ids]
        if sum(each is not None for each in named) != 1:
            raise ValueError("name a division, a grid or households: exactly one of them")
        if self.group_name and not self.division_code:
            raise ValueError("a group is one of a village: name the division, too")
        return self


class AssignmentsDraft(_Request):
    """Officers; the narrower wins (households, grid, group, village), then the later one in the list."""

    assignments: Annotated[list[AssignmentDraft], Field(min_length=1, max_length=500)]


class Assigned(BaseModel):
    """How many households have another officer than before."""

    changed: int


class BalanceDraft(_Request):
    """Where to share out households, and among whom: the teams' members there, unless officers are named."""

    division: DivisionCode
    officers: Annotated[list[Name], Field(min_length=1, max_length=500)] | None = None
    #: False: also those that have an officer and were not visited yet.
    only_unassigned: bool = True


class OfficerLoad(BaseModel):
    """What one officer has to do after sharing out."""

    officer: str
    households: int
    #: Of those, to be visited first (八必访): monitored, minimum living, destitute.
    priority: int


class Balanced(BaseModel):
    """What sharing out gave."""

    assigned: int
    #: Households of villages where nobody is to share them.
    left: int
    officers: list[OfficerLoad]


class HandoverDraft(_Request):
    """Households that go from one officer to another: all that were not visited yet, or those that are named."""

    from_officer: Name
    to_officer: Name
    division: DivisionCode | None = None
    household_ids: Ids | None = None
    reason: Annotated[str, StringConstraints(min_length=1, max_length=500, strip_whitespace=True)]


class AssignmentView(BaseModel):
    """What an officer has to do in a village, and how far they are."""

    division_code: str
    division_name: str | None
    officer: str
    due: int
    visited: int


class AssignedHousehold(BaseModel):
    """A household on an officer's list."""

    id: UUID
    number: str
    division_code: str
    group_name: str | None
    grid_number: str | None
    kind: str
    head_name: str | None
    officer: str
    priority: bool
    visited: bool
