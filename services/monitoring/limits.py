"""Time limits of the procedure, by place and date: data, never constants."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files

import yaml

from shared.domain.division import within
from shared.domain.working_days import DayKind, add_days

_NATION = "000000000000"


@dataclass(frozen=True, slots=True)
class Limit:
    """So many working or natural days."""

    days: int
    kind: DayKind

    def ends(self, start: date) -> date:
        """Return the last day of the limit."""
        return add_days(start, self.days, self.kind)


@dataclass(frozen=True, slots=True)
class LimitSet:
    """The limits that one rule sets, where and since when, and who says so."""

    area: str
    valid_from: date
    source: str
    limits: dict[str, Limit]


@cache
def limit_sets() -> tuple[LimitSet, ...]:
    """Return all sets, the strongest last: of the nearest place, the newest."""
    entries = yaml.safe_load(files(__package__).joinpath("limits.yaml").read_text("utf-8"))
    sets = [
        LimitSet(e["area"], e["from"], e["source"], {name: Limit(**raw) for name, raw in e["limits"].items()})
        for e in entries
    ]
    return tuple(
        sorted(sets, key=lambda each: (each.area != _NATION, each.area.rstrip("0"), each.valid_from))
    )


def limit(name: str, division_code: str, on: date) -> Limit:
    """Return the limit of that name that holds in a division on a day."""
    valid = [each for each in limit_sets() if each.valid_from <= on and _covers(each.area, division_code)]
    return next(each.limits[name] for each in reversed(valid) if name in each.limits)


def due(name: str, division_code: str, start: date) -> date:
    """Return the last day on which what begins on ``start`` is in time."""
    return limit(name, division_code, start).ends(start)


def _covers(area: str, division_code: str) -> bool:
    return area == _NATION or within(division_code, area)
