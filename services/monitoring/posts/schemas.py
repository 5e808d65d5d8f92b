"""Requests and answers about public-welfare posts."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from services.monitoring.forms import FiledForm, Form, Name, Words
from shared.domain.codes import Coded
from shared.domain.division import DivisionCode
from shared.domain.money import Yuan

Kind = Annotated[str, Coded("public_post_kind")]
Flag = Annotated[str, Coded("post_flag")]
Pay = Annotated[Yuan, Field(gt=0)]
#: Such as 2021-06.
Month = Annotated[str, StringConstraints(pattern=r"^20\d\d-(0[1-9]|1[0-2])$")]


class Mark(StrEnum):
    """How a month's pay stands."""

    #: Not paid, and not late.
    OPEN = "open"
    PAID = "paid"
    #: Paid, but after its last day.
    LATE = "late"
    #: Not paid by its last day.
    MISSING = "missing"


class AppointmentForm(FiledForm):
    """A post, and who holds it; ``on`` is its first day."""

    household_id: UUID
    member_id: UUID
    kind: Kind
    work_area: Words
    employer: Name
    monthly_pay: Pay
    months: Annotated[int, Field(ge=1, le=36)]


class EndForm(FiledForm):
    """Why a post ends before its time."""

    reason: Words


class PayLine(Form):
    """What one holder was paid."""

    post_id: UUID
    amount: Pay


class PayrollForm(Form):
    """A village's pay of a month; ``on`` is the day on which it was paid."""

    on: date | None = None
    #: Any level; means within.
    division: DivisionCode
    month: Month
    fund_source: Name
    #: None: everybody who was not paid yet, as agreed.
    lines: Annotated[tuple[PayLine, ...], Field(max_length=5000)] = ()


class PayrollView(BaseModel):
    """What a payroll did."""

    paid: int
    total: Yuan
    #: Holders in that place and month who are still not paid.
    unpaid: int


class PostQuery(BaseModel):
    """Filters of the list; a repeated one means any of them."""

    #: Any level; means within.
    division: DivisionCode | None = None
    household_id: UUID | None = None
    kind: list[Kind] = []
    #: What speaks against the holder today.
    flag: list[Flag] = []
    #: Held today.
    held: bool | None = None


class PayQuery(BaseModel):
    """Filters of the list of pay; a repeated one means any of them."""

    #: Any level; means within.
    division: DivisionCode | None = None
    post_id: UUID | None = None
    month: Month | None = None
    mark: list[Mark] = []


class FlagView(BaseModel):
    """What speaks against a holder, by which rule."""

    flag: str
    zh: str
    en: str
    rule: str
    source: str


class PostView(BaseModel):
    """A public-welfare post."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    division_code: str
    household_id: UUID
    member_id: UUID
    member_name: str | None = None
    kind: str
    work_area: str
    employer: str
    monthly_pay: Yuan
    from_on: date
    until_on: date
    ended_on: date | None
    end_reason: str | None
    rule: str
    flags: list[FlagView] = []
    version: int
    changed_at: datetime


class PayView(BaseModel):
    """The pay of a month."""

    id: UUID
    division_code: str
    post_id: UUID
    month: Month
    due_on: date
    amount: Yuan | None
    paid_on: date | None
    fund_source: str | None
    mark: Mark
    version: int
