"""When what is overdue goes up a table: data, by place and date."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, PositiveInt

from shared.domain.dated import DatedRule, read_rules


class Pace(BaseModel):
    """Working days overdue when it goes to the town's and to the county's table."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    town: PositiveInt
    county: PositiveInt


class RuleSet(DatedRule):
    """How limits act somewhere from a day on."""

    #: Of a verdict, a first visit, or the adding of a further risk.
    clue: Pace
    case: Pace
    #: Of an elimination, re-tagging or closure.
    monitored: Pace
    follow_up: Pace


def rule_sets() -> tuple[RuleSet, ...]:
    """Return all sets, oldest first."""
    return read_rules(RuleSet, __package__, "overdue.yaml")
