"""The table of weekly dispatches, and the weeks of a campaign."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import DateTime, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from services.inspection.campaigns.model import SeenFromBelow
from services.inspection.dispatches.errors import NoWeek
from services.inspection.tables import Row
from shared import clock
from shared.database import Identified

_DAY = timedelta(days=1)
#: Hour in China from which a week's last day is over for the weekly meeting.
_EVENING = 23


class Dispatch(Row, Identified, SeenFromBelow, table=True):
    """One unit's snapshot of one week. The database refuses to change or delete it."""

    __table_args__ = (
        UniqueConstraint("campaign_id", "division_code", "week"),
        {"info": {"root": "campaign_id"}},
    )

    campaign_id: UUID
    week: int
    starts_on: date
    ends_on: date
    frozen_at: datetime = Field(sa_type=DateTime(timezone=True))
    frozen_by: str
    #: ``DispatchContent`` as JSON.
    content: dict[str, Any] = Field(sa_type=JSONB)


class Week(NamedTuple):
    """A calendar week, Monday to Sunday, as far as it belongs to the campaign; numbered from 1."""

    number: int
    starts_on: date
    ends_on: date


def week_of(day: date, *, starts_on: date, ends_on: date) -> Week:
    """Return the week of a campaign in which a day lies, or refuse a day outside the campaign."""
    if not starts_on <= day <= ends_on:
        raise NoWeek
    first_monday, monday = (each - _DAY * each.weekday() for each in (starts_on, day))
    number = (monday - first_monday).days // 7 + 1
    return Week(number, max(monday, starts_on), min(monday + 6 * _DAY, ends_on))


def last_ended(today: date, *, starts_on: date, ends_on: date) -> Week | None:
    """Return the newest week that is over, if there is one."""
    sunday = today - _DAY * (today.weekday() + 1)
    over = ends_on if today > ends_on else sunday
    return week_of(over, starts_on=starts_on, ends_on=ends_on) if over >= starts_on else None


def due_week(now: datetime, *, starts_on: date, ends_on: date) -> Week | None:
    """Return the newest week that should be frozen by now: the present one from the evening of its last day."""
    today = clock.date_of(now)
    if starts_on <= today <= ends_on:
        present = week_of(today, starts_on=starts_on, ends_on=ends_on)
        if today == present.ends_on and now.astimezone(clock.CHINA).hour >= _EVENING:
            return present
    return last_ended(today, starts_on=starts_on, ends_on=ends_on)
