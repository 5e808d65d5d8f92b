"""Moments that callers name: with their offset, and in times in which there are moments on both sides."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, Field

#: An instant, such as ``2021-06-12T08:00:00+08:00``. Without an offset nobody knows which; at the ends of the calendar
#: there is none in China.
Moment = Annotated[
    AwareDatetime, Field(ge=datetime(1900, 1, 1, tzinfo=UTC), lt=datetime(9999, 1, 1, tzinfo=UTC))
]
#: The same in UTC: one moment is one moment, whatever offset a front end writes.
Instant = Annotated[Moment, AfterValidator(lambda moment: moment.astimezone(UTC))]
