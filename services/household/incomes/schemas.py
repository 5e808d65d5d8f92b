"""Shapes of statements of income."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from services.household.households.fields import Amount, Text, Year
from services.household.households.schemas import IncomeView
from shared.domain.codes import Coded
from shared.domain.division import DivisionCode
from shared.domain.money import Yuan

_NOTHING = Decimal(0)


class StatementLine(BaseModel):
    """One line of a statement."""

    model_config = ConfigDict(extra="forbid")

    kind: Annotated[str, Coded("income_kind")]
    amount: Amount
    note: Text = ""


class NewIncome(BaseModel):
    """A yearly statement of income, yuan for the whole household.

    A total that has lines need not be stated; one that is stated must be their sum.
    """

    model_config = ConfigDict(extra="forbid")

    year: Year
    wage: Amount | None = None
    business: Amount | None = None
    property: Amount | None = None
    transfer: Amount | None = None
    production_cost: Amount | None = None
    lines: Annotated[list[StatementLine], Field(max_length=60)] = []
    #: People who share it; those who are present in the registry, if not said.
    sharers: Annotated[int, Field(ge=1, le=50)] | None = None
    compensation: Amount = _NOTHING
    spent_medical: Amount = _NOTHING
    spent_schooling: Amount = _NOTHING
    spent_accident: Amount = _NOTHING
    spent_disaster: Amount = _NOTHING
    spent_housing: Amount = _NOTHING


class Step(BaseModel):
    """One step of the calculation."""

    #: A total, a line's kind, or ``net_income``, ``per_capita``, ``reference_income``.
    code: str
    words: str
    amount: Yuan
    note: str = ""


class LineView(BaseModel):
    """An income line of the monitoring range (监测范围)."""

    area: str
    valid_from: date
    amount: Yuan
    source: str


class Compared(BaseModel):
    """The income beside the line that holds in that place at that time."""

    line: LineView
    #: Per-capita reference income, and by which rule.
    reference: Yuan
    rule: str
    rule_version: str
    below: bool
    #: How far above the line; negative below it.
    margin: Yuan
    words: str


class IncomeExplained(IncomeView):
    """A statement explained line by line, beside the line and the year before."""

    lines: list[StatementLine]
    compensation: Yuan
    spent_medical: Yuan
    spent_schooling: Yuan
    spent_accident: Yuan
    spent_disaster: Yuan
    spent_housing: Yuan
    steps: list[Step]
    #: None where no line is known for that time.
    compared: Compared | None
    #: Per-capita income of the last year that has a statement, and the change since in percent.
    previous_year: int | None
    change_percent: Decimal | None


class IncomeSpread(BaseModel):
    """How the households of a division stand to the line, by per-capita net income of a year."""

    division_code: DivisionCode
    households: int
    without_statement: int
    below: int
    #: From the line to half as much again.
    near: int
    above: int


class IncomeSummary(BaseModel):
    """A division and those directly below it."""

    year: int
    line: LineView
    total: IncomeSpread
    parts: list[IncomeSpread]
