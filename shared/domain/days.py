"""Dates as people and spreadsheets write them: 2021-05-03, 2021/5/3, 20210503, 2021年5月3日 (in signs, too), 44319.

An instant of elsewhere, as systems write it (2021-05-02T16:00:00Z), is the day that it was in China.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

import polars as pl

from shared.clock import CHINA, date_of
from shared.domain.in_signs import day_in_figures, figures_column
from shared.domain.written import mended, plain, plain_column

#: The time of day, as systems write it behind the date: only with a blank between them is it certain which is which.
_TIME = (
    r"[ \t\xa0\u3000T]+[0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?(?:\+08(?::?00)?)?)?[ \t\r\n\xa0\u3000]*$"
)
#: A day, its time and another offset, with seconds before a figure: 10:20-11:30 is from when to when.
_INSTANT = (
    r"^(.*?)[ \t\xa0\u3000T]+([01]?[0-9]|2[0-3]):([0-5][0-9])"
    r"(?:Z|:[0-5][0-9](?:\.[0-9]+)?(?:Z|([+-])(0[0-9]|1[0-4])(?::?([0-5][0-9]))?))[ \t\r\n\xa0\u3000]*$"
)
_MIDNIGHT = r"T?00:00:00(?:\.0+)?$"
#: From 1900 on: 1899-12-31 is what a sheet makes of a date cell that holds nought, or the time of a day alone.
_YEAR = "(?:19|2[0-9])[0-9]{2}"
_ISO = rf"^{_YEAR}-[0-9]{{2}}-[0-9]{{2}}$"
#: Eight digits, which are a day without separators; of seven nobody knows which are the month, and six are a month.
_EIGHT = r"^([0-9]{4})([0-9]{2})([0-9]{2})$"
_WRITTEN = rf"^({_YEAR})[-/.年]([01]?[0-9])[-/.月]([0-3]?[0-9])[日号]?$"
_MONTH = r"^[12][0-9]{3}(?:[-/.年](?:0?[1-9]|1[0-2])月?|0[1-9]|1[0-2])$"
#: A serial day, as spreadsheets count them.
_SERIAL = r"^([1-6][0-9]{4})(?:\.0+)?$"
_FIRST = date(1899, 12, 30)


def parse_day(written: str) -> date | None:
    """Return the date that somebody wrote; None where it is none."""
    text = re.sub(_TIME, "", written)
    instant = re.fullmatch(_INSTANT, text)
    return _day_in_china(*instant.groups()) if instant else _day_of(text)


def day_column(written: pl.Expr) -> pl.Expr:
    """Return what ``parse_day`` returns, for a column of text."""
    iso = mended(written, fine=lambda cell: cell.str.contains(_ISO), mend=_as_iso)
    return iso.str.to_date("%Y-%m-%d", strict=False)


def month_column(written: pl.Expr) -> pl.Expr:
    """Tell for a column of text where a month is written, which is no day."""
    return plain_column(written).str.contains(_MONTH)


def _day_of(written: str) -> date | None:
    text = re.sub(_MIDNIGHT, "", plain(written))
    text = day_in_figures(text) or re.sub(_EIGHT, r"\1-\2-\3", text)
    if parts := re.fullmatch(_WRITTEN, text):
        try:
            return date(*map(int, parts.groups()))
        except ValueError:
            return None
    serial = re.fullmatch(_SERIAL, text)
    return _FIRST + timedelta(days=int(serial[1])) if serial else None


def _day_in_china(
    written: str, hour: str, minute: str, sign: str | None, hours: str | None, minutes: str | None
) -> date | None:
    day = _day_of(written)
    if day is None:
        return None
    offset = timedelta(hours=int(hours or 0), minutes=int(minutes or 0))
    there = datetime(day.year, day.month, day.day, int(hour), int(minute), tzinfo=UTC)
    return date_of(there + offset if sign == "-" else there - offset)


def _as_iso(written: pl.Expr) -> pl.Expr:
    text = written.str.replace(_TIME, "")
    local = mended(text, fine=lambda cell: ~cell.str.contains(_INSTANT), mend=_iso_in_china)
    return _iso_of(local)


def _iso_of(written: pl.Expr) -> pl.Expr:
    text = plain_column(written).str.replace(_MIDNIGHT, "")
    # Taken apart once: as an expression it would be for each of the parts.
    return figures_column(text, day_in_figures).map_batches(_iso_of_figures, return_dtype=pl.String)


def _iso_of_figures(figures: pl.Series) -> pl.Series:
    text = pl.col("text")
    parts = text.str.replace(_EIGHT, "$1-$2-$3").str.extract_groups(_WRITTEN)
    year, month, day = (pl.col(str(place)).str.zfill(2) for place in (1, 2, 3))
    serial = pl.lit(_FIRST) + pl.duration(days=text.str.extract(_SERIAL).cast(pl.Int32))
    iso = pl.coalesce(year + "-" + month + "-" + day, serial.dt.to_string("%Y-%m-%d"))
    frame = figures.alias("text").to_frame().with_columns(parts=parts).unnest("parts")
    return frame.select(iso).to_series()


def _iso_in_china(written: pl.Expr) -> pl.Expr:
    # Taken apart once, too.
    return written.str.extract_groups(_INSTANT).map_batches(_from_parts, return_dtype=pl.String)


def _from_parts(instants: pl.Series) -> pl.Series:
    hour, minute, hours, minutes = (pl.col(str(place)).cast(pl.Int64).fill_null(0) for place in (2, 3, 5, 6))
    offset = hours * 60 + minutes
    ahead = pl.when(pl.col("4") == "-").then(-offset).otherwise(offset)
    there = _iso_of(pl.col("1")).str.to_datetime("%Y-%m-%d", strict=False, time_zone="UTC")
    moment = there + pl.duration(minutes=hour * 60 + minute - ahead)
    here = moment.dt.convert_time_zone(CHINA.key).dt.to_string("%Y-%m-%d")
    return instants.struct.unnest().select(here).to_series()
