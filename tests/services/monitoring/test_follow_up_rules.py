"""Until when a household is to be visited: over ends of months, weekends and holidays, by place and date."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from services.monitoring.followups.rules import Followed, Frequency, turn_after
from shared.domain.dated import nearest, read_rules
from shared.domain.working_days import is_working_day
from tests.services.monitoring.conftest import TOWN, VILLAGE

pytestmark = pytest.mark.check

MONTHLY, QUARTERLY = Followed.MONITORED, Followed.LIFTED


@pytest.mark.parametrize(
    ("kind", "last", "due"),
    [
        pytest.param(MONTHLY, "2021-06-15", "2021-07-15", id="the same day of the next month"),
        pytest.param(MONTHLY, "2021-08-31", "2021-09-30", id="the last day where there is no 31st"),
        pytest.param(MONTHLY, "2021-01-29", "2021-03-01", id="28 February is a Sunday: the Monday after"),
        pytest.param(MONTHLY, "2024-01-31", "2024-02-29", id="a leap year's last day"),
        pytest.param(MONTHLY, "2021-06-10", "2021-07-12", id="a Saturday goes on to the Monday"),
        pytest.param(MONTHLY, "2021-08-20", "2021-09-22", id="the Mid-Autumn holiday goes on to its end"),
        pytest.param(MONTHLY, "2021-09-01", "2021-10-08", id="National Day goes on for a week"),
        pytest.param(MONTHLY, "2021-08-26", "2021-09-26", id="a Sunday on which offices work is no day off"),
        pytest.param(MONTHLY, "2021-12-15", "2022-01-17", id="into the next year"),
        pytest.param(QUARTERLY, "2021-06-10", "2021-09-10", id="three months"),
        pytest.param(QUARTERLY, "2020-11-30", "2021-03-01", id="over the end of February"),
        pytest.param(QUARTERLY, "2021-07-01", "2021-10-08", id="three months, into the holiday"),
    ],
)
def test_a_turn_ends_as_the_calendar_has_it(kind: Followed, last: str, due: str) -> None:
    turn = turn_after(kind, VILLAGE, date.fromisoformat(last))
    assert (turn.due_on.isoformat(), turn.rule) == (due, "2019")


def test_no_turn_ends_on_a_day_off_or_before_its_month_is_over() -> None:
    for day in range(1, 730):
        last = date.fromordinal(date(2020, 1, 1).toordinal() + day)
        due = turn_after(MONTHLY, VILLAGE, last).due_on
        assert is_working_day(due)
        assert 28 <= (due - last).days <= 31 + 8


def test_a_place_may_ask_for_more_and_let_a_turn_end_on_a_day_off() -> None:
    rule: dict[str, Any] = {"version": "a", "from": "2021-01-01", "source": "x", "on_holiday": "as_it_is"}
    rule |= {
        "monitored": {"months": 1},
        "observed": {"months": 3},
        "observation": 12,
        "lifted": {"months": 1},
    }
    stricter = Frequency.model_validate(rule | {"area": TOWN})
    rules = (*read_rules(Frequency, "services.monitoring.followups", "frequency.yaml"), stricter)
    held = nearest(rules, VILLAGE, date(2021, 6, 10))
    assert held.due_after(QUARTERLY, date(2021, 6, 10)) == date(2021, 7, 10)
    assert nearest(rules, VILLAGE, date(2020, 6, 10)).version == "2019"
    assert all(each.source for each in rules)
