"""Requests and answers about assistance."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, computed_field

from services.monitoring.assistance.fits import Misfit, misfit
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
    #: The last day that is intended for it.
    ends_on: date | None = None
    #: The project that it belongs to.
    project: Name | None = None
    fund_source: Name | None = None
    funds_planned: Amount | None = None
    #: Of a small credit.
    term_months: Annotated[int | None, Field(ge=1, le=600)] = None


class ProgressForm(StepForm):
    """How far it is."""

    progress: Words
    #: Funds paid so far: what is new in it becomes a payment out of the measure's own source.
    funds_paid: Amount | None = None


class CompletionForm(StepForm):
    """That it is done, and what it brought."""

    effect: Words
    funds_paid: Amount | None = None


class StopForm(StepForm):
    """Why it ends without being done."""

    reason: Words


class PaymentForm(StepForm):
    """Money paid for a measure (资金拨付)."""

    source: Name
    amount: Annotated[Yuan, Field(gt=0)]
    #: Needed where more is paid than was planned.
    reason: Words | None = None


class IntentForm(Form):
    """What is intended against one risk."""

    risk_type: Risk
    intended: Words


class PlanForm(StepForm):
    """A household's plan (一户一方案)."""

    #: Resources, needs and wishes.
    situation: Words
    goal: Words
    approach: Words
    #: One for each open risk.
    intents: Annotated[tuple[IntentForm, ...], Field(max_length=20)]
    #: The household has read and signed it.
    agreed: bool
    #: Why the plan before is changed (优化调整); needed for all but the first.
    occasion: Words | None = None


class ReviewForm(StepForm):
    """That the newest plan is still right, and why."""

    words: Words


class MeasureQuery(BaseModel):
    """Filters of the list; a repeated one means any of them."""

    #: Any level; means within.
    division: DivisionCode | None = None
    status: list[MeasureStatus] = []
    kind: list[Kind] = []
    risk_type: list[Risk] = []
    household_id: UUID | None = None
    #: False: of lifted households that are not under watch.
    monitored: bool | None = None


class PaymentView(BaseModel):
    """Money paid for a measure."""

    source: str | None
    amount: Yuan
    on: date
    by: str
    reason: str | None


class MeasureView(BaseModel):
    """A measure."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    division_code: str
    #: None: of a lifted household that is not under watch.
    monitored_id: UUID | None
    household_id: UUID
    member_id: UUID | None
    kind: str
    risk_type: str | None
    description: str
    status: MeasureStatus
    planned_on: date
    started_on: date | None
    ends_on: date | None
    done_on: date | None
    project: str | None
    fund_source: str | None
    funds_planned: Yuan | None
    funds_paid: Yuan | None
    payments: list[PaymentView]
    term_months: int | None
    credit_id: UUID | None
    progress: str | None
    effect: str | None
    reason: str | None
    evidence: list[str]
    version: int
    changed_at: datetime

    @computed_field  # type: ignore[prop-decorator]
    @property
    def doubt(self) -> Misfit | None:
        """Why its kind may not fit the risk."""
        return misfit(self.kind, self.risk_type, self.planned_on)


class IntentView(BaseModel):
    """What is intended against one risk."""

    risk_type: str
    intended: str


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
    intents: list[IntentView]
    agreed: bool
    occasion: str | None
    reviewed_on: date | None
    reviewed_by: str | None
    review: str | None
    version: int
    changed_at: datetime
