from datetime import date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

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
        pytest.param("1900-01-01", date(1900, 1, 1), id="the first day of those that are told"),
        pytest.param("1899-12-31 08:00:00", None, id="what a sheet makes of a time of day"),
        pytest.param("2021-05-03T00:00:00+08:00", date(2021, 5, 3), id="with the offset of China"),
        pytest.param("2021-05-03 10:20:30+08", date(2021, 5, 3), id="the same, as databases write it"),
        pytest.param("2021-06-01T18:00:00Z", date(2021, 6, 2), id="an instant, of the next day in China"),
        pytest.param("2021-06-01T15:59:59.999Z", date(2021, 6, 1), id="an instant before midnight in China"),
        pytest.param("2021-12-31T16:00Z", date(2022, 1, 1), id="an instant without seconds"),
        pytest.param(
            "2021-06-01 18:00:00+0000", date(2021, 6, 2), id="an instant with its offset in figures"
        ),
        pytest.param("2021-06-01 18:00:00+00", date(2021, 6, 2), id="an instant with its hours alone"),
        pytest.param("2021/6/1 11:00:00-05:00", date(2021, 6, 2), id="an instant of the west"),
        pytest.param("2021-06-01T00:30:00+09:00", date(2021, 5, 31), id="an instant of the east"),
        pytest.param(
            "1988-06-30T15:00:00Z", date(1988, 7, 1), id="midnight of a summer in which clocks were ahead"
        ),
        pytest.param("2021-06-01 10:20-11:30", None, id="from when to when, which is no offset"),
        pytest.param("2021-06-01T25:00:00Z", None, id="no such hour"),
        pytest.param("2021-02-30T18:00:00Z", None, id="an instant of no such day"),
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


@given(
    st.lists(
        st.builds(
            "{}{}{:%H:%M:%S}{}".format,
            st.dates(date(1900, 1, 2), date(2100, 1, 1))
            | st.sampled_from(["2021-02-29", "44319", "2021/6/1", ""]),
            st.sampled_from(["T", " ", "\u3000", ""]),
            st.times(),
            st.sampled_from(["Z", "+00:00", "-0930", "+14", "+08:00", "+15:00", "Z ", ".5Z", "", "-1"]),
        ),
        max_size=8,
    )
)
def test_a_column_of_instants_is_read_as_one_at_a_time(written: list[str]) -> None:
    frame = pl.DataFrame({"day": pl.Series(written, dtype=pl.String)})
    assert list(frame.select(day=day_column(pl.col("day")))["day"]) == [parse_day(each) for each in written]


@given(st.dates(date(1901, 1, 2), date(2100, 1, 1)), st.times(), st.integers(-12, 14))
def test_an_instant_is_the_day_that_it_was_in_china(day: date, at: time, offset: int) -> None:
    moment = datetime.combine(day, at, timezone(timedelta(hours=offset)))
    here = moment if offset == 8 else moment.astimezone(ZoneInfo("Asia/Shanghai"))
    assert parse_day(moment.isoformat()) == here.date()


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
