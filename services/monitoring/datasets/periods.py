"""The time that a batch is about, as addresses have it: ``2021-06``, ``2021-Q2``, ``2021-autumn``, ``2021``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum


class PeriodKind(StrEnum):
    """How often a department sends a dataset."""

    MONTH = "month"
    QUARTER = "quarter"
    #: Of a school year: ``autumn`` from September on, ``spring`` from February on.
    TERM = "term"
    YEAR = "year"
    #: Something that happened on a day; of several on one day, ``-2`` is the second.
    EVENT = "event"


_SHAPES = {
    PeriodKind.MONTH: r"(20\d\d)-(0[1-9]|1[0-2])",
    PeriodKind.QUARTER: r"(20\d\d)-Q([1-4])",
    PeriodKind.TERM: r"(20\d\d)-(autumn|spring)",
    PeriodKind.YEAR: r"(20\d\d)",
    PeriodKind.EVENT: r"(20\d\d-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01]))(?:-[2-9])?",
}
_TERMS = {"spring": (2, 9), "autumn": (9, 14)}
#: An example of each, for people.
EXAMPLES = {
    PeriodKind.MONTH: "2021-06",
    PeriodKind.QUARTER: "2021-Q2",
    PeriodKind.TERM: "2021-autumn",
    PeriodKind.YEAR: "2021",
    PeriodKind.EVENT: "2021-07-21",
}


@dataclass(frozen=True, slots=True)
class Period:
    """A period with its first and its last day."""

    kind: PeriodKind
    first: date
    last: date


def parse_period(written: str) -> Period | None:
    """Return the period, or None where it is written in none of the ways."""
    for kind, shape in _SHAPES.items():
        if match := re.fullmatch(shape, written):
            return _period(kind, match)
    return None


def _period(kind: PeriodKind, match: re.Match[str]) -> Period | None:
    if kind is PeriodKind.EVENT:
        try:
            day = date.fromisoformat(match[1])
        except ValueError:
            return None
        return Period(kind, day, day)
    first, end = _months(kind, match)
    year = int(match[1])
    return Period(kind, _first_of(year, first), _first_of(year, end) - timedelta(days=1))


def _months(kind: PeriodKind, match: re.Match[str]) -> tuple[int, int]:
    """Return the month in which it begins and the one after it, counted from January of its year."""
    if kind is PeriodKind.TERM:
        return _TERMS[match[2]]
    if kind is PeriodKind.YEAR:
        return 1, 13
    length = 3 if kind is PeriodKind.QUARTER else 1
    end = int(match[2]) * length + 1
    return end - length, end


def _first_of(year: int, month: int) -> date:
    return date(year + (month - 1) // 12, (month - 1) % 12 + 1, 1)
