"""Requests and answers about assistance."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from services.monitoring.assistance.model import MeasureStatus
from services.monitoring.forms import Amount, Form, Name, StepForm, Words
from shared.domain.codes import Coded
from shared.domain.division import DivisionCode
from shared.domain.money import Yuan

Kind = Annotated[str, Coded("measure_kind")]
Risk = Annotated[str, Coded("risk_type")]


class MeasureForm(Form):
    """A measure to be planned (帮扶措施)."""

    kind: Kind
    #: The open risk that it is against; none for support that is against none in particular.
    risk_type: Risk | None = None
    #: The person whom it is for; needed for work.
    member_id: UUID | None = None
    description: Words
    planned_on: date | None = None
    fund_source: Name | None = None
    funds_planned: Amount | None = None
    #: Of a small credit.
    term_months: Annotated[int | None, Field(ge=1, le=600)] = None


class ProgressForm(StepForm):
    """How far it is."""

    progress: Words
    #: Funds paid so far.
    funds_paid: Amount | None = None


class CompletionForm(StepForm):
    """That it is done, and what it brought."""

    effect: Words
    funds_paid: Amount | None = None


class StopForm(Form):
    """Why it ends without being done."""

    reason: Words


class PlanForm(StepForm):
    """A household's plan (一户一方案)."""

    #: Resources, needs and wishes.
    situation: Words
    goal: Words
    approach: Words
    #: The household has read and signed it.
    agreed: bool


class MeasureQuery(BaseModel):
    """Filters of the list; a repeated one means any of them."""

    #: Any level; means within.
    division: DivisionCode | None = None
    status: list[MeasureStatus] = []
    kind: list[Kind] = []
    risk_type: list[Risk] = []


class GapQuery(BaseModel):
    """Filter of the gap list."""

    division: DivisionCode | None = None


class MeasureView(BaseModel):
    """A measure."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    division_code: str
    monitored_id: UUID
    household_id: UUID
    member_id: UUID | None
    kind: str
    risk_type: str | None
    description: str
    status: MeasureStatus
    planned_on: date
    started_on: date | None
    done_on: date | None
    fund_source: str | None
    funds_planned: Yuan | None
    funds_paid: Yuan | None
    term_months: int | None
    progress: str | None
    effect: str | None
    reason: str | None
    evidence: list[str]
    version: int
    changed_at: datetime


class PlanView(BaseModel):
    """A household's plan."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    monitored_id: UUID
    made_on: date
    made_by: str
    situation: str
    goal: str
    approach: str
    agreed: bool
    version: int
    changed_at: datetime


class GapView(BaseModel):
    """A household under watch with something missing in its assistance."""

    monitored_id: UUID
    division_code: str
    household_id: UUID
    household_number: str | None
    head_name: str | None
    open_risks: list[str]
    risks_without_measure: list[str]
    needs_development: bool
    needs_contact: bool
    #: The last day on which measures are in time.
    measures_due_on: date
