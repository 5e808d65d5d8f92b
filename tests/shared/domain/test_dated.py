"""Rules by place and date: the newest of each place, and the nearest place's."""

from __future__ import annotations

from datetime import date

import pytest

from shared.domain.dated import DatedRule, in_force, nearest

pytestmark = pytest.mark.check

COUNTY, TOWN, VILLAGE = "340621000000", "340621100000", "340621100201"


def rule(version: str, since: str = "2021-01-01", area: str | None = None) -> DatedRule:
    return DatedRule.model_validate({"version": version, "from": since, "area": area, "source": "x"})


RULES = (
    rule("new", "2022-01-01"),
    rule("old"),
    rule("town", area=TOWN),
    rule("county", "2021-06-01", COUNTY),
)


@pytest.mark.parametrize(
    ("division", "day", "version"),
    [
        (VILLAGE, "2021-03-01", "town"),
        (COUNTY, "2021-03-01", "old"),
        (COUNTY, "2021-06-01", "county"),
        ("340621101201", "2022-03-01", "county"),
        ("340622100201", "2022-03-01", "new"),
    ],
)
def test_the_nearest_place_wins(division: str, day: str, version: str) -> None:
    assert nearest(RULES, division, date.fromisoformat(day)).version == version


def test_the_widest_place_comes_first() -> None:
    versions = [each.version for each in in_force(RULES, date(2022, 3, 1))]
    assert versions == ["new", "county", "town"]
