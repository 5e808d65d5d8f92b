"""The dates that officials write down: entered later, perhaps, but never ahead of time or out of order."""

from __future__ import annotations

from calendar import monthrange
from datetime import date

from shared.refusal import Refusal


class DateInFuture(Refusal):
    """The date has not come yet."""

    status = 422
    code = "date_in_future"
    zh = "日期不得晚于今天"


class DateOutOfOrder(Refusal):
    """The date lies before the step that came before."""

    status = 422
    code = "date_out_of_order"
    zh = "日期不得早于上一环节"


#: For ``refusals(...)`` of every endpoint that takes a date.
DATES = (DateInFuture, DateOutOfOrder)


def happened_on(given: date | None, today: date, *, since: date | None = None) -> date:
    """Return the date on which something happened: today unless another one was written down."""
    on = given or today
    if on > today:
        raise DateInFuture
    if since is not None and on < since:
        raise DateOutOfOrder(f"not before {since}", zh_detail=f"不得早于{since}")
    return on


def months_after(day: date, months: int) -> date:
    """Return the same day so many months later, or the last one of a shorter month (as PostgreSQL has it)."""
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
