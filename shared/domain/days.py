"""Dates as people and spreadsheets write them: 2021-05-03, 2021/5/3, 20210503, 2021年5月3日, 44319."""

from __future__ import annotations

import re
from datetime import date, timedelta

import polars as pl

from shared.domain.written import plain, plain_column

#: The time of day, as systems write it behind the date: only with a blank between them is it certain which is which.
_TIME = r"[ \t\xa0\u3000T]+[0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?[ \t\r\n\xa0\u3000]*$"
_MIDNIGHT = r"T?00:00:00(?:\.0+)?$"
_WRITTEN = r"^([12][0-9]{3})[-/.年]?([01]?[0-9])[-/.月]?([0-3]?[0-9])日?$"
#: A serial day, as spreadsheets count them.
_SERIAL = r"^([1-6][0-9]{4})(?:\.0+)?$"
_FIRST = date(1899, 12, 30)


def parse_day(written: str) -> date | None:
    """Return the date that somebody wrote; None where it is none."""
    text = re.sub(_MIDNIGHT, "", plain(re.sub(_TIME, "", written)))
    if parts := re.fullmatch(_WRITTEN, text):
        try:
            return date(*map(int, parts.groups()))
        except ValueError:
            return None
    serial = re.fullmatch(_SERIAL, text)
    return _FIRST + timedelta(days=int(serial[1])) if serial else None


def day_column(written: pl.Expr) -> pl.Expr:
    """Return what ``parse_day`` returns, for a column of text."""
    text = plain_column(written.str.replace(_TIME, "")).str.replace(_MIDNIGHT, "")
    parts = text.str.extract_groups(_WRITTEN)
    year, month, day = (parts.struct.field(str(place)).str.zfill(2) for place in (1, 2, 3))
    dated = (year + "-" + month + "-" + day).str.to_date("%Y-%m-%d", strict=False)
    serial = pl.lit(_FIRST) + pl.duration(days=text.str.extract(_SERIAL).cast(pl.Int32))
    return pl.coalesce(dated, serial)
