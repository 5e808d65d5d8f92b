"""When what is overdue goes up a table: data, by place and date."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import cache
from importlib.resources import files

import yaml
from pydantic import BaseModel, ConfigDict, Field, PositiveInt

from shared.domain.division import DivisionCode


class _Data(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Pace(_Data):
    """Working days overdue when it goes to the town's and to the county's table."""

    town: PositiveInt
    county: PositiveInt


class RuleSet(_Data):
    """What holds in a place from a day on, and who says so."""

    version: str
    #: None: everywhere.
    area: DivisionCode | None = None
    valid_from: date = Field(alias="from")
    source: str
    clue: Pace
    case: Pace


@cache
def rule_sets() -> tuple[RuleSet, ...]:
    """Return all sets, oldest first."""
    entries = yaml.safe_load(files(__package__).joinpath("overdue.yaml").read_text("utf-8"))
    return tuple(sorted(map(RuleSet.model_validate, entries), key=lambda each: each.valid_from))


def in_force(sets: Sequence[RuleSet], on: date) -> list[RuleSet]:
    """Return the set that holds on a day in each place that has one, the widest place first."""
    newest = {each.area: each for each in sets if each.valid_from <= on}
    return sorted(newest.values(), key=lambda each: (each.area or "").rstrip("0"))
