"""Dates as people and spreadsheets write them: 2021-05-03, 2021/5/3, 20210503, 2021年5月3日 (in signs, too), 44319."""

from __future__ import annotations

import re
from datetime import date, timedelta

import polars as pl

from shared.domain.in_signs import day_in_figures, figures_column
from shared.domain.written import mended, plain, plain_column

#: The time of day, as systems write it behind the date: only with a blank between them is it certain which is which.
_TIME = r"[ \t\xa0\u3000T]+[0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?(?:\+08:?00)?)?[ \t\r\n\xa0\u3000]*$"
_MIDNIGHT = r"T?00:00:00(?:\.0+)?$"
_ISO = r"^[12][0-9]{3}-[0-9]{2}-[0-9]{2}$"
#: Eight digits, which are a day without separators; of seven nobody knows which are the month, and six are a month.
_EIGHT = r"^([0-9]{4})([0-9]{2})([0-9]{2})$"
_WRITTEN = r"^([12][0-9]{3})[-/.年]([01]?[0-9])[-/.月]([0-3]?[0-9])[日号]?$"
_MONTH = r"^[12][0-9]{3}(?:[-/.年](?:0?[1-9]|1[0-2])月?|0[1-9]|1[0-2])$"
#: A serial day, as spreadsheets count them.
_SERIAL = r"^([1-6][0-9]{4})(?:\.0+)?$"
_FIRST = date(1899, 12, 30)


def parse_day(written: str) -> date | None:
    """Return the date that somebody wrote; None where it is none."""
    text = re.sub(_MIDNIGHT, "", plain(re.sub(_TIME, "", written)))
    text = day_in_figures(text) or re.sub(_EIGHT, r"\1-\2-\3", text)
    if parts := re.fullmatch(_WRITTEN, text):
        try:
            return date(*map(int, parts.groups()))
        except ValueError:
            return None
    serial = re.fullmatch(_SERIAL, text)
    return _FIRST + timedelta(days=int(serial[1])) if serial else None


def day_column(written: pl.Expr) -> pl.Expr:
    """Return what ``parse_day`` returns, for a column of text."""
    iso = mended(written, fine=lambda cell: cell.str.contains(_ISO), mend=_as_iso)
    return iso.str.to_date("%Y-%m-%d", strict=False)


def month_column(written: pl.Expr) -> pl.Expr:
    """Tell for a column of text where a month is written, which is no day."""
    return plain_column(written).str.contains(_MONTH)


def _as_iso(written: pl.Expr) -> pl.Expr:
    text = plain_column(written.str.replace(_TIME, "")).str.replace(_MIDNIGHT, "")
    text = figures_column(text, day_in_figures).str.replace(_EIGHT, "$1-$2-$3")
    parts = text.str.extract_groups(_WRITTEN)
    year, month, day = (parts.struct.field(str(place)).str.zfill(2) for place in (1, 2, 3))
    serial = pl.lit(_FIRST) + pl.duration(days=text.str.extract(_SERIAL).cast(pl.Int32))
    return pl.coalesce(year + "-" + month + "-" + day, serial.dt.to_string("%Y-%m-%d"))
