from datetime import date, timedelta

import pytest
from hypothesis import given, strategies as st

from shared.domain.working_days import (
    add_days,
    add_working_days,
    is_announced,
    is_working_day,
    working_days_between,
)

pytestmark = pytest.mark.check

days = st.dates(date(2020, 1, 1), date(2028, 12, 31))


@pytest.mark.parametrize(
    ("start", "count", "end"),
    [
        pytest.param(date(2021, 6, 9), 2, date(2021, 6, 11), id="within a week"),
        pytest.param(date(2021, 6, 11), 2, date(2021, 6, 16), id="over the Dragon Boat festival of 14 June"),
        pytest.param(date(2021, 9, 17), 1, date(2021, 9, 18), id="a Saturday that is worked"),
        pytest.param(date(2021, 6, 12), 0, date(2021, 6, 12), id="no day at all"),
        pytest.param(date(2021, 6, 16), -2, date(2021, 6, 11), id="counted back"),
        pytest.param(date(2035, 10, 1), 5, date(2035, 10, 8), id="a year not announced: Monday to Friday"),
    ],
)
def test_limits_in_working_days(start: date, count: int, end: date) -> None:
    assert add_days(start, count, "working") == end


def test_limits_in_natural_days() -> None:
    assert add_days(date(2021, 6, 11), 5, "natural") == date(2021, 6, 16)


@given(days, st.integers(1, 60))
def test_a_limit_ends_on_a_working_day_and_holds_as_many_as_it_says(start: date, count: int) -> None:
    end = add_working_days(start, count)
    assert is_working_day(end)
    assert working_days_between(start, end) == count


@given(days, days)
def test_working_days_between_counts_each_day_after_the_start(start: date, end: date) -> None:
    span = [start + timedelta(days=n) for n in range(1, (end - start).days + 1)]
    assert working_days_between(start, end) == sum(map(is_working_day, span))


def test_it_says_which_years_are_certain() -> None:
    assert is_announced(2021)
    assert not is_announced(2035)
