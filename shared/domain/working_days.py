"""Chinese working days: weekends, public holidays and the working weekends that make up for them (调休).

The State Council announces each year's arrangement the autumn before. For years that the calendar does not know,
Monday to Friday count; ``is_announced`` tells which years are certain.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache
from typing import Literal

import chinese_calendar

DayKind = Literal["working", "natural"]
_DAY = timedelta(days=1)
_SATURDAY = 5
_YEARS_OF_DAYS = 4096


@lru_cache(_YEARS_OF_DAYS)
def is_working_day(day: date) -> bool:
    """Tell whether offices work on a day."""
    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:
        return day.weekday() < _SATURDAY


def is_announced(year: int) -> bool:
    """Tell whether the year's arrangement is known, so that results for it are certain."""
    try:
        chinese_calendar.is_workday(date(year, 1, 1))
    except NotImplementedError:
        return False
    return True


def add_working_days(start: date, days: int) -> date:
    """Return the day on which a limit of so many working days after ``start`` ends; negative ones count back."""
    day, step = start, _DAY if days >= 0 else -_DAY
    left = abs(days)
    while left:
        day += step
        left -= is_working_day(day)
    return day


def add_days(start: date, days: int, kind: DayKind) -> date:
    """Return the end of a limit counted in working or natural days."""
    return add_working_days(start, days) if kind == "working" else start + days * _DAY


def working_days_between(start: date, end: date) -> int:
    """Return how many working days lie after ``start`` up to and including ``end``; 0 if that is earlier."""
    return sum(is_working_day(start + _DAY * offset) for offset in range(1, (end - start).days + 1))


def last_overdue(today: date, days: int) -> date:
    """Return the last deadline that is overdue by at least so many working days, today included."""
    day = today
    while True:
        days -= is_working_day(day)
        day -= timedelta(days=1)
        if not days:
            return day
