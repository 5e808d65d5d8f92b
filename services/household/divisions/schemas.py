"""Shapes of divisions."""

from __future__ import annotations

from datetime import date

from pydantic import BaseModel

from services.household.divisions.model import Division
from shared.domain.division import DivisionCode, Level


class DivisionView(BaseModel):
    """A division."""

    code: DivisionCode
    name: str
    level: Level
    parent_code: str | None
    #: First day; null of what was there before the registry.
    valid_from: date | None
    #: The first day on which it is no more.
    valid_until: date | None

    @classmethod
    def of(cls, division: Division) -> DivisionView:
        """Show a division."""
        return cls.model_validate(division.model_dump(include=set(cls.model_fields)))


class FormerNameView(BaseModel):
    """What a division was called until a day, the last excluded."""

    name: str
    until: date


class DivisionWithPath(DivisionView):
    """A division with those above it, province first, and how many lie directly below."""

    path: list[DivisionView]
    children: int
    #: The oldest first.
    former_names: list[FormerNameView]


class DivisionTree(DivisionView):
    """A division with those below it."""

    children: list[DivisionTree]


class DivisionReject(BaseModel):
    """A line that was not taken."""

    line: int
    column: str
    code: str
    #: In the language of the caller.
    message: str


class DivisionImport(BaseModel):
    """What became of a file of divisions."""

    rows: int
    accepted: int
    changed: int
    rejected: list[DivisionReject]
