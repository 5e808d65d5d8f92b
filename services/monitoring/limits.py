"""Time limits of the procedure, by place and date: data, never constants."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

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


def limit(name: str, division_code: str, on: date) -> Limit:
    """Return the limit of that name that holds in a division on a day."""
    held = covering(read_rules(LimitSet, __package__, "limits.yaml"), division_code, on)
    return next(each.limits[name] for each in reversed(held) if name in each.limits)


def due(name: str, division_code: str, start: date) -> date:
    """Return the last day on which what begins on ``start`` is in time."""
    return limit(name, division_code, start).ends(start)
