"""Shapes of changes of boundaries."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from services.household.boundaries.model import ChangeState
from shared.domain.codes import Coded
from shared.domain.division import DivisionCode

Words = Annotated[str, Field(min_length=1, max_length=200)]


class NamedDivision(BaseModel):
    """A division that is entered, or called so from now on."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    code: DivisionCode
    name: Annotated[str, Field(min_length=1, max_length=60)]


class Move(BaseModel):
    """Households of one village belong to another: those of some groups, those that are named, or all that are left."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    from_code: DivisionCode
    to_code: DivisionCode
    #: Villagers' groups (村民小组), as ``group_name`` of the households says.
    groups: Annotated[list[Words], Field(max_length=200)] = []
    household_ids: Annotated[list[UUID], Field(max_length=5000)] = []

    @property
    def of_all(self) -> bool:
        """Tell whether everybody who is left moves."""
        return not self.groups and not self.household_ids


class NewBoundaryChange(BaseModel):
    """A change of boundaries: what is new or named anew, who belongs where, what ends."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    kind: Annotated[str, Coded("boundary_change")]
    #: The first day on which it holds; a past one is carried out at once.
    effective_on: date
    reason: Words
    document: Words | None = None
    divisions: Annotated[list[NamedDivision], Field(max_length=500)] = []
    moves: Annotated[list[Move], Field(max_length=1000)] = []
    closes: Annotated[list[DivisionCode], Field(max_length=500)] = []

    @property
    def codes(self) -> set[str]:
        """Return every code that is spoken of."""
        moved = {code for move in self.moves for code in (move.from_code, move.to_code)}
        return {each.code for each in self.divisions} | moved | set(self.closes)


class MoveView(Move):
    """A move, with the households that it has moved, or would move now."""

    #: Not counted in a list of what has not begun.
    households: int | None


class BoundaryChangeView(BaseModel):
    """A change of boundaries."""

    id: UUID
    kind: str
    effective_on: date
    reason: str
    document: str | None
    state: ChangeState
    divisions: list[NamedDivision]
    moves: list[MoveView]
    closes: list[DivisionCode]
    #: Why it was refused on its day.
    refusal: str | None
    recorded_by: str
    carried_out_at: datetime | None
    version: int
