"""Requests and answers about training sessions."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from services.inspection.teams.schemas import Name
from shared.domain.codes import Coded
from shared.domain.division import DivisionCode

Words = Annotated[str, StringConstraints(max_length=1000, strip_whitespace=True)]


class TrainingDraft(BaseModel):
    """A session. With ``invite_teams`` everybody in the teams of the division is asked to come."""

    model_config = ConfigDict(extra="forbid")

    division_code: DivisionCode
    title: Name
    held_on: date
    place: Words = ""
    trainer: Words = ""
    topics: Words = ""
    invite_teams: bool = True


class AttendanceDraft(BaseModel):
    """Somebody who was asked to come, or came unasked."""

    model_config = ConfigDict(extra="forbid")

    division_code: DivisionCode
    name: Name
    role: Annotated[str, Coded("team_role")]
    status: Annotated[str, Coded("attendance")]


class AttendancesDraft(BaseModel):
    """What became of people's attendance; those who are not named stay as they are."""

    model_config = ConfigDict(extra="forbid")

    people: Annotated[list[AttendanceDraft], Field(min_length=1, max_length=2000)]


class TrainingView(BaseModel):
    """A session with its figures, of the people in the caller's area."""

    id: UUID
    campaign_id: UUID
    division_code: str
    title: str
    held_on: date
    place: str
    trainer: str
    topics: str
    #: All who were asked or came.
    expected: int
    attended: int
    excused: int
    #: Attended of expected in percent, one decimal; null while nobody is expected.
    rate: float | None


class Attendee(BaseModel):
    """Somebody at a session, or somebody of a team who was at none."""

    model_config = ConfigDict(from_attributes=True)

    division_code: str
    name: str
    role: str
    status: str
