"""How cases are asked for and shown."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from services.monitoring.cases.lines import CaseEntry
from services.monitoring.cases.model import CaseStatus, IdentificationCase
from services.monitoring.cases.steps import Step
from services.monitoring.doubts.schemas import RaisedDoubtView
from services.monitoring.replicas.model import HouseholdReplica
from shared.domain.division import DivisionCode
from shared.domain.level import Level


class CaseQuery(BaseModel):
    """Filters of the list; a repeated one means any of them."""

    #: Any level; means within.
    division: DivisionCode | None = None
    step: list[Step] = []
    status: list[CaseStatus] = []
    household_id: UUID | None = None
    overdue: bool | None = None
    level: list[Level] = []
    #: True: the household would withdraw, and another person has to agree.
    withdrawal_pending: bool | None = None


class EntryView(BaseModel):
    """One line of a case's file."""

    model_config = ConfigDict(from_attributes=True)

    entry: str
    happened_on: date
    entered_at: datetime
    by_name: str
    #: The last day on which it was in time, and the version of the limits that set it.
    due_on: date
    due_rule: str
    late: bool
    content: dict[str, Any]
    evidence: list[str]
    #: With a household check: household and members as they were known then.
    household: dict[str, Any] | None

    @classmethod
    def of(cls, line: CaseEntry) -> Self:
        """Show a line."""
        return cls(**line.model_dump(exclude={"by"}), late=line.happened_on > line.due_on)


class CaseView(BaseModel):
    """A case, as it stands."""

    id: UUID
    division_code: str
    household_id: UUID
    household_number: str | None
    head_name: str | None
    clue_id: UUID
    #: The step to be done next, while the case is open.
    step: Step
    status: CaseStatus
    green_channel: bool
    opened_on: date
    #: The last day of the present step, and of the procedure; each by a version of the limits.
    due_on: date
    due_rule: str
    procedure_due_on: date
    procedure_due_rule: str
    overdue: bool
    level: Level
    overdue_on: date | None
    escalated_on: date | None
    closed_on: date | None
    category: str | None
    risks: list[dict[str, Any]]
    judgement: dict[str, Any]
    #: Kin of the household who hold office, or who sat in the deliberation: two approve then.
    relatives: list[dict[str, Any]]
    kin_present: list[dict[str, Any]]
    awaits_second_approval: bool
    monitored_id: UUID | None
    #: That the household wants it no more, who of them signed, and who took it down: pending while the case is open.
    withdrawal: str | None
    withdrawal_signed_by: str | None
    withdrawal_by_name: str | None
    withdrawal_on: date | None
    reason: str | None
    version: int
    changed_at: datetime

    @classmethod
    def of(
        cls, case: IdentificationCase, household: HouseholdReplica | None, *, today: date, **more: Any
    ) -> Self:
        """Show a case as it stands ``today``."""
        return cls(
            **case.model_dump(include=set(cls.model_fields)),
            household_number=household.number if household else None,
            head_name=household.head_name if household else None,
            overdue=case.is_overdue(today),
            awaits_second_approval=case.awaits_second_approval,
            **more,
        )


class CaseFile(CaseView):
    """A case with its file: every step, return and decision, oldest first."""

    timeline: list[EntryView]
    #: What departments' negative lists say of the household: to be explained, no verdict.
    doubts: list[RaisedDoubtView]

    @classmethod
    def with_lines(
        cls,
        case: IdentificationCase,
        household: HouseholdReplica | None,
        lines: Sequence[CaseEntry],
        doubts: Sequence[RaisedDoubtView],
        *,
        today: date,
    ) -> Self:
        """Show a case with its lines and the doubts about its household."""
        timeline = [EntryView.of(line) for line in lines]
        return cls.of(case, household, today=today, timeline=timeline, doubts=doubts)
