"""Until when a household is to be followed up: data by place and date, no I/O, no clock."""

from __future__ import annotations

from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, PositiveInt

from services.monitoring.monitored.rules import months_later
from shared.domain.dated import DatedRule, in_force, nearest, read_rules
from shared.domain.working_days import is_working_day

#: By voice or picture only: for those who are away.
AT_A_DISTANCE = frozenset({"phone", "online"})
_TURNS_KEPT = 65536


class Followed(StrEnum):
    """As what a household is followed up."""

    MONITORED = "monitored"
    #: For some months after its risk was eliminated.
    OBSERVED = "observed"
    LIFTED = "lifted"


class Every(BaseModel):
    """So many months between two visits, at most."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    months: PositiveInt


class Frequency(DatedRule):
    """How often households are followed up somewhere from a day on."""

    monitored: Every
    observed: Every
    #: For so many months after the elimination; one length for all places, the widest's.
    observation: PositiveInt
    lifted: Every
    on_holiday: Literal["next_working_day", "as_it_is"]

    def due_after(self, kind: Followed, last_on: date) -> date:
        """Return the last day on which the next visit is in time."""
        every: Every = getattr(self, kind.value)
        day = months_later(last_on, every.months)
        while self.on_holiday == "next_working_day" and not is_working_day(day):
            day += timedelta(days=1)
        return day


def observed_since(today: date) -> date:
    """Return the day after which a risk must have been eliminated for its household to be observed still."""
    (widest, *_) = in_force(read_rules(Frequency, __package__, "frequency.yaml"), today)
    return months_later(today, -widest.observation)


class Turn(NamedTuple):
    """The last day on which a visit is in time, and the version of the rule that says so."""

    due_on: date
    rule: str


@lru_cache(_TURNS_KEPT)
def turn_after(kind: Followed, division_code: str, last_on: date) -> Turn:
    """Return a household's turn by the rule that holds where it is on the day from which the turn is counted."""
    rule = nearest(read_rules(Frequency, __package__, "frequency.yaml"), division_code, last_on)
    return Turn(rule.due_after(kind, last_on), rule.version)
