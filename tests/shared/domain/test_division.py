import csv
from pathlib import Path

import pytest
from hypothesis import given, strategies as st
from pydantic import TypeAdapter, ValidationError

from shared.domain import division
from shared.domain.division import DivisionCode, Level

pytestmark = pytest.mark.check

ROWS = list(csv.DictReader(Path("deploy/demo/data/divisions_340621.csv").read_text("utf-8").splitlines()))
CODES = [row["code"] for row in ROWS]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["name"])
def test_level_and_parent_of_the_real_divisions(row: dict[str, str]) -> None:
    assert division.level_of(row["code"]) == row["level"]
    assert (division.parent_of(row["code"]) or "") == row["parent_code"]


def test_the_county_has_eleven_towns_two_parks_and_244_villages() -> None:
    levels = [division.level_of(code) for code in CODES]
    assert [levels.count(level) for level in (Level.TOWN, Level.PARK, Level.VILLAGE)] == [11, 2, 244]


def test_ancestors_of_a_village_stand_from_the_province_down() -> None:
    assert division.ancestors_of("340621103001") == [
        "340000000000",
        "340600000000",
        "340621000000",
        "340621103000",
    ]
    assert division.town_of("340621103001") == "340621103000"
    assert division.county_of("340621103001") == "340621000000"


def test_a_village_right_below_its_county_has_the_county_above_it() -> None:
    assert division.ancestors_of("340621000001") == ["340000000000", "340600000000", "340621000000"]


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        pytest.param("340000000000", ("34", "35"), id="a province"),
        pytest.param(
            "340621109000", ("340621109", "34062110:"), id="a nine at the end has a successor without a carry"
        ),
        pytest.param("340621103001", ("340621103001", "340621103002"), id="a village is a range of one"),
    ],
)
def test_area_range(code: str, expected: tuple[str, str]) -> None:
    assert division.area_range(code) == expected


@given(st.sampled_from(CODES), st.sampled_from(CODES))
def test_within_is_to_be_the_area_or_to_have_it_above(code: str, area: str) -> None:
    assert division.within(code, area) == (area == code or area in division.ancestors_of(code))


@pytest.mark.parametrize(
    "code",
    [
        pytest.param("34062110300", id="eleven digits"),
        pytest.param("3406211030011", id="thirteen digits"),
        pytest.param("034062110300", id="a zero in front"),
        pytest.param("34062110300１", id="a full-width digit"),
        pytest.param("340621103001\n", id="a line break behind"),
    ],
)
def test_what_is_no_code_is_refused(code: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(DivisionCode).validate_python(code)
