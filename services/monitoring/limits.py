"""Time limits of the procedure, by place and date: data, never constants."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from shared.domain.dated import DatedRule, covering, read_rules
from shared.domain.working_days import DayKind, add_days


@dataclass(frozen=True, slots=True)
class Limit:
    """So many working or natural days."""

    days: int
    kind: DayKind

    def ends(self, start: date) -> date:
        """Return the last day of the limit."""
        return add_days(start, self.days, self.kind)


class LimitSet(DatedRule):
    """The limits that hold somewhere from a day on; what a place does not set, the one above it does."""

    limits: dict[str, Limit]


class Due(NamedTuple):
    """The last day on which something is in time, and the version of the limits that set it: they are kept together."""

    on: date
    rule: str


def limits_began() -> date:
    """Return the first day for which limits are known; no procedure that is kept here began earlier."""
    return _sets()[0].valid_from


def limits_with(name: str, division_code: str, on: date) -> LimitSet:
    """Return the version that sets the limit of that name in a division on a day: the nearest place's.

    What happened before there were limits, such as a split that is entered years later, is measured by the first ones.
    """
    held = covering(_sets(), division_code, max(on, limits_began()))
    return next(each for each in reversed(held) if name in each.limits)


def due(name: str, division_code: str, start: date) -> Due:
    """Return until when what begins on ``start`` is in time."""
    setting = limits_with(name, division_code, start)
    return Due(setting.limits[name].ends(start), setting.version)


def _sets() -> tuple[LimitSet, ...]:
    return read_rules(LimitSet, __package__, "limits.yaml")
