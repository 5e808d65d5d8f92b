"""How monitored objects are asked for and shown."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from services.monitoring.monitored.episodes import RiskEpisode
from services.monitoring.monitored.model import MonitoredObject
from services.monitoring.monitored.procedures import Closure, Elimination, Retagging
from services.monitoring.monitored.states import MonitoredStatus
from services.monitoring.replicas.model import HouseholdReplica
from shared.domain.codes import Coded
from shared.domain.division import DivisionCode
from shared.domain.level import Level


class MonitoredQuery(BaseModel):
    """Filters of the list; a repeated one means any of them."""

    #: Any level; means within.
    division: DivisionCode | None = None
    status: list[MonitoredStatus] = []
    category: list[Annotated[str, Coded("monitored_category")]] = []
    #: Among the open risks.
    risk_type: list[Annotated[str, Coded("risk_type")]] = []
    household_id: UUID | None = None
    #: Whether somebody is named who helps and watches.
    has_contact: bool | None = None
    #: Whether an elimination, re-tagging or closure passed its limit, and at whose table one lies.
    overdue: bool | None = None
    level: list[Level] = []


class EpisodeView(BaseModel):
    """One risk, from tagging to elimination, and what the decision rests on."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    rank: int
    risk_type: str
    member_id: UUID | None
    disaster_kind: str | None
    cause: str
    evidence: list[str]
    judgement: dict[str, Any]
    origin: str
    tagged_on: date
    retagged: bool
    eliminated_on: date | None
    elimination: str | None


class MonitoredView(BaseModel):
    """A monitored object with its risks, oldest first."""

    id: UUID
    division_code: str
    household_id: UUID
    household_number: str | None
    head_name: str | None
    category: str
    status: MonitoredStatus
    tagged_on: date
    open_risks: list[str]
    episodes: list[EpisodeView]
    eliminated_on: date | None
    retagged: int
    green_channel: bool
    contact_name: str | None
    contact_unit: str | None
    contact_on: date | None
    closure: str | None
    reason: str | None
    #: Of the elimination, re-tagging or closure that is under way.
    closing_on: date | None
    due_on: date | None
    due_rule: str | None
    level: Level
    overdue_on: date | None
    escalated_on: date | None
    stepped_on: date
    version: int
    changed_at: datetime

    @classmethod
    def of(
        cls,
        thing: MonitoredObject,
        household: HouseholdReplica | None,
        episodes: Sequence[RiskEpisode],
        **more: Any,
    ) -> Self:
        """Show an object."""
        return cls(
            **thing.model_dump(include=set(cls.model_fields)),
            household_number=household.number if household else None,
            head_name=household.head_name if household else None,
            episodes=[EpisodeView.model_validate(episode) for episode in episodes],
            **more,
        )


class EliminationView(BaseModel):
    """A proposal to call the risk gone, and how far it has come."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    stage: str
    how: str
    facts: dict[str, Any]
    judgement: dict[str, Any]
    evidence: list[str]
    due_on: date | None
    due_rule: str | None
    proposed_on: date
    proposed_by_name: str
    deliberated_on: date | None
    deliberated_by_name: str | None
    reviewed_on: date | None
    reviewed_by_name: str | None
    review: str | None
    decided_on: date | None
    decided_by_name: str | None
    decision: str | None


class RetaggingView(BaseModel):
    """A verification that a risk is back, and what the county made of it."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    stage: str
    clue_id: UUID | None
    risk_type: str
    member_id: UUID | None
    disaster_kind: str | None
    cause: str
    evidence: list[str]
    due_on: date | None
    due_rule: str | None
    check_due_on: date | None
    check_due_rule: str | None
    verified_on: date
    verified_by_name: str
    decided_on: date | None
    decided_by_name: str | None
    decision: str | None


class ClosureView(BaseModel):
    """A proposal to end the watch without elimination, and what the county made of it."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    stage: str
    kind: str
    reason: str
    mistake: str | None
    evidence: list[str]
    due_on: date | None
    due_rule: str | None
    proposed_on: date
    proposed_by_name: str
    decided_on: date | None
    decided_by_name: str | None
    decision: str | None


class MonitoredFile(MonitoredView):
    """An object with all its eliminations, re-taggings and closures, oldest first."""

    eliminations: list[EliminationView]
    retaggings: list[RetaggingView]
    closures: list[ClosureView]

    @classmethod
    def with_procedures(
        cls,
        thing: MonitoredObject,
        household: HouseholdReplica | None,
        episodes: Sequence[RiskEpisode],
        eliminations: Sequence[Elimination],
        retaggings: Sequence[Retagging],
        closures: Sequence[Closure],
    ) -> Self:
        """Show an object with its procedures."""
        return cls.of(
            thing,
            household,
            episodes,
            eliminations=[EliminationView.model_validate(each) for each in eliminations],
            retaggings=[RetaggingView.model_validate(each) for each in retaggings],
            closures=[ClosureView.model_validate(each) for each in closures],
        )
