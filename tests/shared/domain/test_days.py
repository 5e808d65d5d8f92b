from datetime import date

import polars as pl
import pytest
from hypothesis import given, strategies as st

from shared.domain.days import day_column, parse_day

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
        pytest.param("2021-05", None, id="a month"),
        pytest.param("去年", None, id="words"),
        pytest.param("", None, id="nothing"),
    ],
)
def test_dates_as_people_write_them(written: str, expected: date | None) -> None:
    assert parse_day(written) == expected


@given(st.lists(st.text(alphabet="0123456789-/.年月日 T:２", max_size=12), max_size=8))
def test_a_column_of_dates_is_read_as_one_date_at_a_time(written: list[str]) -> None:
    frame = pl.DataFrame({"day": pl.Series(written, dtype=pl.String)})
    assert list(frame.select(day=day_column(pl.col("day")))["day"]) == [parse_day(each) for each in written]


@given(st.dates(date(1900, 1, 1), date(2100, 1, 1)))
def test_a_date_is_read_in_each_way_to_write_it(day: date) -> None:
    ways = [
        f"{day:%Y-%m-%d}",
        f"{day.year}/{day.month}/{day.day}",
        f"{day:%Y%m%d}",
        f"{day.year}年{day.month}月{day.day}日",
    ]
    assert [parse_day(way) for way in ways] == [day] * len(ways)
