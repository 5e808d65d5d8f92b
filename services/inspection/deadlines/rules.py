"""The rules by which deadlines act: data, by place and date; and the days on which they do."""

from __future__ import annotations

from datetime import date, timedelta

from pydantic import BaseModel, ConfigDict, PositiveInt

from services.inspection.checklists.severity import Severity
from shared.domain.dated import DatedRule, read_rules
from shared.domain.working_days import add_working_days, is_working_day

_DAY = timedelta(days=1)


class Pace(BaseModel):
    """Working days: left when it is told to fall due, and overdue when it goes to the town and to the county."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    due_soon: PositiveInt
    town: PositiveInt
    county: PositiveInt


class RuleSet(DatedRule):
    """How deadlines act somewhere from a day on."""

    severities: dict[Severity, Pace]


def rule_sets() -> tuple[RuleSet, ...]:
    """Return all sets, oldest first."""
    return read_rules(RuleSet, __package__, "rules.yaml")


def last_due_soon(today: date, days: int) -> date:
    """Return the last deadline to which no more than so many working days are left."""
    day = add_working_days(today, days)
    while not is_working_day(day + _DAY):
        day += _DAY
    return day
