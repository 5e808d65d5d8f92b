"""The rules by which deadlines act: data, by place and date; and the days on which they do."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from functools import cache
from importlib.resources import files

import yaml
from pydantic import BaseModel, ConfigDict, Field, PositiveInt

from services.inspection.checklists.severity import Severity
from shared.domain.division import DivisionCode
from shared.domain.working_days import add_working_days, is_working_day

_DAY = timedelta(days=1)


class _Data(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Pace(_Data):
    """Working days: left when it is told to fall due, and overdue when it goes to the town and to the county."""

    due_soon: PositiveInt
    town: PositiveInt
    county: PositiveInt


class RuleSet(_Data):
    """What holds in a place from a day on, and who says so."""

    version: str
    #: None: everywhere.
    area: DivisionCode | None = None
    valid_from: date = Field(alias="from")
    source: str
    severities: dict[Severity, Pace]


@cache
def rule_sets() -> tuple[RuleSet, ...]:
    """Return all sets, oldest first."""
    entries = yaml.safe_load(files(__package__).joinpath("rules.yaml").read_text("utf-8"))
    return tuple(sorted(map(RuleSet.model_validate, entries), key=lambda each: each.valid_from))


def in_force(sets: Sequence[RuleSet], on: date) -> list[RuleSet]:
    """Return the set that holds on a day in each place that has one, the widest place first."""
    newest = {each.area: each for each in sets if each.valid_from <= on}
    return sorted(newest.values(), key=lambda each: (each.area or "").rstrip("0"))


def last_due_soon(today: date, days: int) -> date:
    """Return the last deadline to which no more than so many working days are left."""
    day = add_working_days(today, days)
    while not is_working_day(day + _DAY):
        day += _DAY
    return day
