"""Requests and answers about small credit."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from services.monitoring.forms import Evidence, Name, StepForm, Words
from shared.domain.codes import Coded
from shared.domain.division import DivisionCode
from shared.domain.money import Yuan

Purpose = Annotated[str, Coded("credit_purpose")]
Doubtful = Annotated[str, Coded("credit_doubt")]
Principal = Annotated[Yuan, Field(gt=0)]
Months = Annotated[int, Field(ge=1, le=600)]


class CreditStatus(StrEnum):
    """Where a small credit stands."""

    GRANTED = "granted"
    IN_USE = "in_use"
    REPAID = "repaid"
    #: Settled by another one (续贷).
    RENEWED = "renewed"


class DoubtVerdict(StrEnum):
    """What became of a doubt."""

    CONFIRMED = "confirmed"
    REFUTED = "refuted"


class TermsForm(StepForm):
    """The terms of a loan; ``on`` is the day on which it was granted."""

    bank: Name
    amount: Principal
    term_months: Months
    purpose: Purpose
    description: Words


class GrantForm(TermsForm):
    """A loan that a bank granted to a household."""

    household_id: UUID
    #: The present member who borrows.
    borrower_id: UUID
    #: The planned measure of kind credit that it carries out.
    measure_id: UUID | None = None


class UseForm(StepForm):
    """What the money was used for, and by whom."""

    purpose: Purpose
    used_by: Annotated[str, Coded("credit_user")]
    #: The operator to whose account the money went.
    transferred_to: Name | None = None
    #: It was paid in as a share, and brings dividends.
    dividends: bool = False
    words: Words


class RepaymentForm(StepForm):
    """Principal that was paid back."""

    amount: Principal


class ExtensionForm(StepForm):
    """More time (展期)."""

    months: Months
    reason: Words


class DoubtForm(StepForm):
    """Something that speaks against the rules of small credit."""

    flag: Doubtful
    words: Words


class DoubtVerdictForm(StepForm):
    """What was found out about a doubt; it rests on evidence."""

    verdict: DoubtVerdict
    findings: Words
    evidence: Annotated[Evidence, Field(min_length=1)]


class CreditQuery(BaseModel):
    """Filters of the list; a repeated one means any of them."""

    #: Any level; means within.
    division: DivisionCode | None = None
    household_id: UUID | None = None
    status: list[CreditStatus] = []
    #: Doubts that nobody has settled yet.
    flag: list[Doubtful] = []
    #: Doubts that were confirmed.
    confirmed: list[Doubtful] = []
    #: Running after its last day.
    overdue: bool | None = None


class DoubtView(BaseModel):
    """A doubt: what the rule says, what was seen, and what became of it."""

    model_config = ConfigDict(extra="ignore")

    flag: str
    zh: str
    en: str
    rule: str
    source: str
    words: str
    evidence: list[str]
    raised_on: date
    raised_by_name: str
    #: None until another person has looked into it.
    verdict: DoubtVerdict | None
    findings: str | None
    proof: list[str]
    settled_on: date | None
    settled_by_name: str | None


class UsageView(BaseModel):
    """What was said of the use of a credit."""

    purpose: str
    used_by: str
    transferred_to: str | None
    dividends: bool
    words: str


class CreditView(BaseModel):
    """A small credit."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    division_code: str
    household_id: UUID
    borrower_id: UUID
    bank: str
    amount: Yuan
    term_months: int
    granted_on: date
    due_on: date
    purpose: str
    description: str
    status: CreditStatus
    #: The version of the rule that it was granted by.
    rule: str
    used_on: date | None
    usage: UsageView | None
    repaid: Yuan
    extensions: int
    #: The version of the rule that the newest extension was given by.
    extension_rule: str | None
    #: The loan that it settled.
    renews: UUID | None
    overdue_on: date | None
    closed_on: date | None
    open_flags: list[str]
    confirmed_flags: list[str]
    doubts: list[DoubtView]
    evidence: list[str]
    version: int
    changed_at: datetime
