"""Shapes of divisions."""

from __future__ import annotations

from pydantic import BaseModel

from services.household.divisions.model import Division
from shared.domain.division import DivisionCode, Level


class DivisionView(BaseModel):
    """A division."""

    code: DivisionCode
    name: str
    level: Level
    parent_code: str | None

    @classmethod
    def of(cls, division: Division) -> DivisionView:
        """Show a division."""
        return cls.model_validate(division.model_dump(include=set(cls.model_fields)))


class DivisionWithPath(DivisionView):
    """A division with those above it, province first, and how many lie directly below."""

    path: list[DivisionView]
    children: int


class DivisionReject(BaseModel):
    """A line that was not taken."""

    line: int
    column: str
    code: str
    message: str


class DivisionImport(BaseModel):
    """What became of a file of divisions."""

    rows: int
    accepted: int
    changed: int
    rejected: list[DivisionReject]
