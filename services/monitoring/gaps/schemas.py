"""Requests and answers about what is missing in assistance."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from services.monitoring.forms import Form, Words
from services.monitoring.gaps.model import Duty
from shared.domain.codes import Coded
from shared.domain.division import DivisionCode


class Audit(StrEnum):
    """What the national data rules complain of."""

    NO_MEASURES = "no_measures"
    NO_DEVELOPMENT = "no_development"


class GapQuery(BaseModel):
    """Filters of the gap list; a repeated one means any of them."""

    division: DivisionCode | None = None
    #: What an audit would complain of today.
    audit: list[Audit] = []
    #: What is missing, and was marked as late.
    late: list[Duty] = []


class StatedReasonForm(Form):
    """Why nothing is done against a risk for now."""

    risk_type: Annotated[str, Coded("risk_type")]
    reason: Words
    #: The last day on which it holds.
    until_on: date


class StatedReasonView(BaseModel):
    """A stated reason, and who answers for it."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    monitored_id: UUID
    risk_type: str
    reason: str
    said_on: date
    said_by_name: str
    until_on: date
    rule: str


class AuditView(BaseModel):
    """A complaint of an audit."""

    audit: Audit
    rule: str
    zh: str
    en: str
    source: str


class LateView(BaseModel):
    """Missing help that was marked as late."""

    model_config = ConfigDict(from_attributes=True)

    duty: Duty
    due_on: date
    due_rule: str
    overdue_on: date


class GapView(BaseModel):
    """A household under watch with something missing in its assistance."""

    monitored_id: UUID
    division_code: str
    household_id: UUID
    household_number: str | None
    head_name: str | None
    open_risks: list[str]
    #: Nothing is done against them, and no reason that is stated holds today.
    risks_without_measure: list[str]
    #: Something is done, but nothing that fits them.
    risks_misfitted: list[str]
    needs_development: bool
    needs_contact: bool
    #: There is no plan since the newest tagging.
    needs_plan: bool
    #: Reasons that hold today.
    reasons: list[StatedReasonView]
    audits: list[AuditView]
    late: list[LateView]
    #: Of what is missing: the last day on which it is in time.
    due_on: dict[Duty, date]
    #: The last day on which measures are in time.
    measures_due_on: date
