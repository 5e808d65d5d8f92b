"""Requests and answers about follow-ups."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from services.monitoring.followups.model import FollowUpTurn
from services.monitoring.followups.rules import Followed
from services.monitoring.forms import Form, Name, StepForm, Words
from services.monitoring.replicas.model import HouseholdReplica
from shared.domain.codes import Coded
from shared.domain.division import DivisionCode
from shared.domain.level import Level

Way = Annotated[str, Coded("contact_way")]


class DifficultyForm(Form):
    """A difficulty that was found, and whether it was solved at once or by when it will be."""

    facts: Words
    solve_by: date | None = None
    solved_on: date | None = None
    how: Words | None = None


class SignalForm(Form):
    """Something that may mean a risk: it becomes a clue."""

    risk_type: Annotated[str, Coded("risk_type")]
    member_id: UUID | None = None
    facts: Words


class FollowUpForm(StepForm):
    """One visit: when, in which way, and what was found."""

    way: Way = "visit"
    #: Needed where nobody was visited in person: where they are.
    away: Words | None = None
    #: Who went, if it was not the caller.
    officer: Name | None = None
    found: Words
    difficulties: Annotated[tuple[DifficultyForm, ...], Field(max_length=20)] = ()
    signals: Annotated[tuple[SignalForm, ...], Field(max_length=5)] = ()


class HouseholdFollowUpForm(FollowUpForm):
    """One visit to a household that is named."""

    household_id: UUID


class SolutionForm(StepForm):
    """How a difficulty was solved; they are counted from 1."""

    difficulty: Annotated[int, Field(ge=1)]
    how: Words


class FollowUpQuery(BaseModel):
    """Filters of the list; a repeated one means any of them."""

    #: Any level; means within.
    division: DivisionCode | None = None
    household_id: UUID | None = None
    way: list[Way] = []
    #: True: a difficulty is not solved yet.
    unsolved: bool | None = None


class TurnQuery(BaseModel):
    """Filters of the visits that are due; a repeated one means any of them."""

    #: Any level; means within.
    division: DivisionCode | None = None
    #: Whose turn it is.
    official: str | None = None
    kind: list[Followed] = []
    level: list[Level] = []
    #: Due on that day or before.
    until: date | None = None
    overdue: bool | None = None


class PlaceQuery(BaseModel):
    """Where."""

    division: DivisionCode


class DifficultyView(BaseModel):
    """A difficulty, and what became of it."""

    facts: str
    solve_by: date | None
    solved_on: date | None
    how: str | None


class SignalView(BaseModel):
    """What may mean a risk, and what became of it."""

    risk_type: str
    member_id: UUID | None
    facts: str
    outcome: str
    clue_id: UUID | None


class FollowUpView(BaseModel):
    """A follow-up."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    division_code: str
    household_id: UUID
    monitored_id: UUID | None
    visited_on: date
    officer: str
    way: str
    away: str | None
    found: str
    difficulties: list[DifficultyView]
    unsolved: int
    signals: list[SignalView]
    evidence: list[str]
    source: str
    version: int
    changed_at: datetime


class TurnView(BaseModel):
    """A household to be visited: by whom, until when, and whether that was missed."""

    household_id: UUID
    division_code: str
    household_number: str | None
    head_name: str | None
    kind: Followed
    official: str | None
    last_on: date | None
    due_on: date
    rule: str
    overdue: bool
    overdue_on: date | None
    level: Level
    escalated_on: date | None

    @classmethod
    def of(cls, turn: FollowUpTurn, household: HouseholdReplica | None, *, today: date) -> Self:
        """Show a turn as it stands ``today``."""
        return cls(
            **turn.model_dump(include=set(cls.model_fields)),
            household_id=turn.id,
            household_number=household.number if household else None,
            head_name=household.head_name if household else None,
            overdue=turn.due_on is not None and turn.due_on < today,
        )


class FollowUpLine(BaseModel):
    """How well a town or village follows up."""

    division_code: str
    name: str | None
    #: To be followed up.
    households: int
    monitored: int
    #: Never visited yet.
    unvisited: int
    #: In the next seven days, today included.
    due_soon: int
    overdue: int
    #: At the town's or the county's table.
    escalated: int


class FollowUpProgress(BaseModel):
    """How well a place follows up, and all directly below it; the lines add up to the total."""

    total: FollowUpLine
    lines: list[FollowUpLine]
