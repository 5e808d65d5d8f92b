"""Requests and answers about clues."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator

from services.monitoring.clues.model import Clue, ClueStatus, Receipt
from services.monitoring.clues.rules import Outcome
from services.monitoring.forms import Form, Name, Words
from services.monitoring.replicas.model import HouseholdReplica
from shared.domain.codes import Coded
from shared.domain.division import DivisionCode
from shared.domain.level import Level
from shared.domain.working_days import working_days_between


class ClueDraft(Form):
    """Something told about a household, which is named by its id or by the identity number of a member."""

    household_id: UUID | None = None
    #: Secret, so that it appears in no log and no error.
    identity_number: SecretStr | None = None
    #: The person at risk; by itself where an identity number was given.
    member_id: UUID | None = None
    risk_type: Annotated[str, Coded("risk_type")]
    source: Annotated[str, Coded("clue_source")]
    facts: Words
    #: The sender's own number for it: the same thing sent twice counts once.
    reference: Name | None = None
    received_on: date | None = None


class ReceiptView(BaseModel):
    """What became of what was told, and where to follow it."""

    outcome: Outcome
    clue_id: UUID | None
    monitored_id: UUID | None
    household_id: UUID

    @classmethod
    def of(cls, receipt: Receipt) -> Self:
        """Show a receipt."""
        return cls(
            outcome=receipt.outcome,
            clue_id=receipt.clue.id if receipt.clue else None,
            monitored_id=receipt.monitored.id if receipt.monitored else None,
            household_id=receipt.arrival.household_id,
        )


class AcceptanceDraft(Form):
    """The verdict that there is a risk (核实有风险)."""

    verdict: Words
    verified_on: date | None = None
    #: After a disaster or accident help comes first (绿色通道).
    green_channel: bool = False


class DismissalDraft(Form):
    """The verdict that there is none, and why."""

    reason: Words
    verified_on: date | None = None


class KeepOpenDraft(Form):
    """Why a clue that somebody would dismiss is looked into again."""

    reason: Words


class AssignmentDraft(Form):
    """Who looks into clues: into those that are named, or into all of a division that nobody has yet."""

    assignee: Name
    clue_ids: Annotated[list[UUID], Field(min_length=1, max_length=500)] | None = None
    division: DivisionCode | None = None

    @model_validator(mode="after")
    def _of_some(self) -> Self:
        if (self.clue_ids is None) == (self.division is None):
            raise ValueError("name clues or a division: exactly one of them")
        return self


class Assigned(BaseModel):
    """How many clues somebody looks into now."""

    assigned: int


class AcceptanceView(BaseModel):
    """Where an accepted clue leads: exactly one of the two."""

    clue_id: UUID
    #: The case that it opened or joined.
    case_id: UUID | None
    #: The object to be re-tagged (``POST …/retagging``) or at a further risk (``POST …/risks``).
    monitored_id: UUID | None
    clue_version: int


class ClueQuery(BaseModel):
    """Filters of the inbox; a repeated one means any of them."""

    #: Any level; means within.
    division: DivisionCode | None = None
    status: list[ClueStatus] = []
    source: list[Annotated[str, Coded("clue_source")]] = []
    risk_type: list[Annotated[str, Coded("risk_type")]] = []
    household_id: UUID | None = None
    overdue: bool | None = None
    priority: list[Annotated[int, Field(ge=1, le=3)]] = []
    assignee: str | None = None
    level: list[Level] = []
    #: True: nobody looks into it yet.
    unassigned: bool | None = None
    #: True: whoever applied themselves has not been visited in time.
    visit_overdue: bool | None = None
    #: True: a further risk of an object under watch, verified, that the town has not added yet.
    awaits_adding: bool | None = None
    #: True: somebody would dismiss it, and another person has to agree.
    dismissal_pending: bool | None = None
    #: By arrival; or what comes first: unsettled ones only, the most urgent and nearest to their limit first.
    order: Literal["arrival", "urgency"] = "arrival"


class SentClue(BaseModel):
    """What became of something that the caller sent in."""

    model_config = ConfigDict(from_attributes=True)

    clue_id: UUID
    reference: str | None
    told_on: date
    risk_type: str
    status: str
    settled_on: date | None
    verdict: str | None


class ClueView(BaseModel):
    """A clue, with whom it is about."""

    id: UUID
    division_code: str
    household_id: UUID
    household_number: str | None
    head_name: str | None
    member_id: UUID | None
    risk_type: str
    status: str
    sources: list[str]
    evidence: list[dict[str, Any]]
    received_on: date
    #: Working days since it arrived, until its verdict or today.
    age: int
    #: The last day on which a verdict is in time, and the version of the limits that set it.
    due_on: date
    due_rule: str
    overdue: bool
    priority: int
    priority_rule: str
    priority_zh: str
    priority_en: str
    assignee: str | None
    assigned_on: date | None
    visit_due_on: date | None
    visit_due_rule: str | None
    visited_on: date | None
    visit_overdue_on: date | None
    dismissal: str | None
    dismissal_by: str | None
    dismissal_on: date | None
    level: Level
    overdue_on: date | None
    escalated_on: date | None
    settled_on: date | None
    settled_by: str | None
    verdict: str | None
    case_id: UUID | None
    monitored_id: UUID | None
    #: Of a further risk: until when the town adds it (``POST /monitored/…/risks``) in time; whether it still waits.
    awaits_adding: bool
    adding_due_on: date | None
    adding_due_rule: str | None
    #: When a verified risk was added, tagged again or turned down, or its object closed.
    answered_on: date | None
    #: The verdict that the county overruled.
    overruled: dict[str, Any] | None
    version: int
    changed_at: datetime

    @classmethod
    def of(cls, clue: Clue, household: HouseholdReplica | None, *, today: date) -> Self:
        """Show a clue as it stands ``today``."""
        return cls(
            **clue.model_dump(include=set(cls.model_fields) - {"settled_by", "dismissal_by", "evidence"}),
            evidence=[{name: each[name] for name in each if name != "sender_id"} for each in clue.evidence],
            age=working_days_between(clue.received_on, clue.settled_on or today),
            dismissal_by=clue.dismissal_by_name,
            household_number=household.number if household else None,
            head_name=household.head_name if household else None,
            overdue=clue.is_overdue(today),
            awaits_adding=clue.awaits_adding,
            settled_by=clue.settled_by_name,
        )
