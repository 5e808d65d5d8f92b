"""Shapes of data quality."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel

from services.household.quality.catalog import Severity
from shared.domain.division import DivisionCode


class CheckView(BaseModel):
    """A check, in the caller's language."""

    code: str
    severity: Severity
    title: str
    explanation: str
    recommendation: str


class RunRequest(BaseModel):
    """Which division to check."""

    division: DivisionCode


class RunAsked(BaseModel):
    """The job that runs the checks."""

    job: str


class Graded(BaseModel):
    """What was found, by severity."""

    error: int
    warning: int
    notice: int


class RunLine(Graded):
    """A run of all checks, and what it found in what the caller sees of the division that is asked for."""

    id: UUID
    division: str
    asked_by: str
    started_at: datetime
    finished_at: datetime | None


class CheckFigure(CheckView):
    """What a check found, in what the caller sees of the division that is asked for."""

    findings: int
    #: In the run before, of the same places; null where there was none.
    before: int | None


class PlaceFigure(Graded):
    """What was found in one division."""

    division_code: str


class RunView(RunLine):
    """A run with its figures: by check, and by the divisions directly below the one that is asked for."""

    checks: list[CheckFigure]
    places: list[PlaceFigure]


class Found(BaseModel):
    """What a check found of a household or of one of its people."""

    member_id: UUID | None
    member_name: str | None
    facts: dict[str, Any]


class HouseholdFound(BaseModel):
    """A household, and what a check found there."""

    household_id: UUID
    household_number: str
    division_code: str
    head_name: str | None
    found: list[Found]
