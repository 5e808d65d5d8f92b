from datetime import date
from decimal import Decimal

import pytest

from shared.domain.income_line import IncomeLineUnknown, income_line, income_lines

pytestmark = pytest.mark.check

SUIXI_VILLAGE = "340621103001"


@pytest.mark.parametrize(
    ("division", "on", "amount"),
    [
        pytest.param(SUIXI_VILLAGE, date(2021, 6, 9), 6000, id="Anhui in 2021 has the national floor"),
        pytest.param(SUIXI_VILLAGE, date(2021, 12, 31), 6000, id="the last day before its own line"),
        pytest.param(SUIXI_VILLAGE, date(2022, 1, 1), 7000, id="the first day of Anhui's own line"),
        pytest.param("510000000000", date(2022, 1, 1), 6000, id="another province keeps the floor"),
        pytest.param("520100000000", date(2024, 3, 13), 7300, id="the day before a change in mid-year"),
        pytest.param("520100000000", date(2024, 3, 14), 8800, id="the day of a change in mid-year"),
    ],
)
def test_the_line_is_the_newest_of_the_nearest_place(division: str, on: date, amount: int) -> None:
    assert income_line(division, on).amount == Decimal(amount)


def test_a_day_before_the_first_line_is_refused() -> None:
    with pytest.raises(IncomeLineUnknown):
        income_line(SUIXI_VILLAGE, date(2018, 12, 31))


def test_every_line_names_its_source() -> None:
    assert all(line.source for line in income_lines())
