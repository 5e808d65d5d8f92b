from datetime import date

import polars as pl
import pytest
from hypothesis import given, strategies as st

from shared.domain.days import day_column, month_column, parse_day

pytestmark = pytest.mark.check


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        pytest.param("2021-05-03", date(2021, 5, 3), id="ISO"),
        pytest.param("2021/5/3", date(2021, 5, 3), id="slashes"),
        pytest.param("２０２１年５月３日", date(2021, 5, 3), id="full-width, in words"),
        pytest.param("20210503", date(2021, 5, 3), id="digits only"),
        pytest.param("2021-05-03 00:00:00", date(2021, 5, 3), id="with midnight"),
        pytest.param("2021-05-03 10:20:30", date(2021, 5, 3), id="with the time of day"),
        pytest.param("2021/5/3 0:00", date(2021, 5, 3), id="with a short one"),
        pytest.param("2021-05-03T10:20:30.123", date(2021, 5, 3), id="with a T between"),
        pytest.param("2021-5-121:20", None, id="with a time that may begin anywhere"),
        pytest.param("44319", date(2021, 5, 3), id="a spreadsheet's serial day"),
        pytest.param("44319.0", date(2021, 5, 3), id="the same, taken for a figure"),
        pytest.param("2021-02-30", None, id="no such day"),
        pytest.param("2021-05-03T00:00:00+08:00", date(2021, 5, 3), id="with the offset of China"),
        pytest.param("2021-05-03T00:00:00Z", None, id="with another offset, where it may be another day"),
        pytest.param("二〇二一年五月三日", date(2021, 5, 3), id="in signs"),
        pytest.param("二○二一年十二月三十一日", date(2021, 12, 31), id="in signs, the zero a circle"),
        pytest.param("二〇二一年十三月一日", None, id="in signs, no such month"),
        pytest.param("2021年5月3号", date(2021, 5, 3), id="as people say it"),
        pytest.param("2021-05", None, id="a month"),
        pytest.param("2021-11", None, id="a month that is no first day of January"),
        pytest.param("202112", None, id="such a month without separators"),
        pytest.param("2021年6月", None, id="a month in words"),
        pytest.param("2021111", None, id="seven digits"),
        pytest.param("去年", None, id="words"),
        pytest.param("", None, id="nothing"),
    ],
)
def test_dates_as_people_write_them(written: str, expected: date | None) -> None:
    assert parse_day(written) == expected


@given(st.lists(st.text(alphabet="0123456789-/.年月日 T:２二〇十一", max_size=12), max_size=8))
def test_a_column_of_dates_is_read_as_one_date_at_a_time(written: list[str]) -> None:
    frame = pl.DataFrame({"day": pl.Series(written, dtype=pl.String)})
    assert list(frame.select(day=day_column(pl.col("day")))["day"]) == [parse_day(each) for each in written]


def in_signs(day: date) -> str:
    """Write a day as documents do."""
    digits = "〇一二三四五六七八九"
    small = [
        *digits,
        "十",
        *(f"十{each}" for each in digits[1:]),
        "二十",
        *(f"二十{each}" for each in digits[1:]),
    ]
    small += ["三十", "三十一"]
    return f"{''.join(digits[int(each)] for each in str(day.year))}年{small[day.month]}月{small[day.day]}日"


@given(st.dates(date(1900, 1, 1), date(2100, 1, 1)))
def test_a_date_is_read_in_each_way_to_write_it(day: date) -> None:
    ways = [
        f"{day:%Y-%m-%d}",
        f"{day.year}/{day.month}/{day.day}",
        f"{day:%Y%m%d}",
        f"{day.year}年{day.month}月{day.day}日",
        in_signs(day),
    ]
    assert [parse_day(way) for way in ways] == [day] * len(ways)


@given(st.dates(date(1900, 1, 1), date(2100, 1, 1)))
def test_a_month_is_told_from_a_day_in_each_way_to_write_it(day: date) -> None:
    ways = [
        f"{day:%Y-%m}",
        f"{day.year}/{day.month}",
        f"{day.year}.{day.month:02}",
        f"{day:%Y%m}",
        f"{day.year}年{day.month}月",
    ]
    frame = pl.DataFrame({"written": [*ways, str(day), f"{day:%Y%m%d}"]})
    told = frame.select(month=month_column(pl.col("written")), day=day_column(pl.col("written")))
    assert told.rows() == [(True, None)] * len(ways) + [(False, day)] * 2
