"""Places as offices write them: found where one only can be meant."""

from __future__ import annotations

import pytest

from shared.domain.place_name import PlaceNames, short

COUNTY, HANCUN, LIUQIAO = "340621000000", "340621102000", "340621101000"
PLACES = PlaceNames(
    {
        COUNTY: "濉溪县",
        HANCUN: "韩村镇",
        LIUQIAO: "刘桥镇",
        "340621102201": "韩村村村民委员会",
        "340621102202": "李村村民委员会",
        "340621102203": "大李村村民委员会",
        "340621102001": "闸河东路社区居民委员会",
        # Two parks of one name, and a village that bears the county's.
        "340621400000": "工业园区",
        "340621401000": "工业园区",
        "340621101203": "濉溪县城村民委员会",
        # Two that are called so in short, one of them in full; and one that is called so in two towns.
        "340621101201": "李村村村民委员会",
        "340621101202": "周圩村民委员会",
        "340621102204": "周圩村民委员会",
    }
)


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("340621102201", "340621102201"),
        ("濉溪县", COUNTY),
        ("韩村镇", HANCUN),
        ("安徽省淮北市濉溪县韩村镇", HANCUN),
        *(
            (name, "340621102201")
            for name in (
                *(
                    "韩村村村民委员会",
                    "韩村村",
                    "韩村",
                    "韩村村委会",
                    "韩村村民委员会",
                    "韩村镇韩村村",
                    " 韩村 村 ",
                ),
                *("濉溪县韩村镇韩村村村民委员会", "安徽省淮北市濉溪县韩村镇韩村"),
            )
        ),
        *((name, "340621102001") for name in ("闸河东路居委会", "闸河东路", "韩村镇闸河东路社区")),
        ("李村", "340621102202"),
        ("李村村", "340621101201"),
        ("大李村", "340621102203"),
        ("刘桥镇李村", "340621101201"),
        ("濉溪县城村", "340621101203"),
        ("刘桥镇周圩村", "340621101202"),
        ("不存在村", None),
        # A town that is none of the county's is no village that is called alike.
        ("大李镇", None),
        ("刘桥镇韩村", None),
        ("340621999999", None),
        ("", None),
    ],
)
def test_a_place_is_found_by_whatever_way_to_write_it_means_one(written: str, code: str | None) -> None:
    assert PLACES.meant(written) == ({code} if code else set())


@pytest.mark.parametrize(
    ("written", "codes"),
    [
        ("工业园区", {"340621400000", "340621401000"}),
        ("濉溪县工业园区", {"340621400000", "340621401000"}),
        ("李", {"340621101201", "340621102202"}),
        ("周圩", {"340621101202", "340621102204"}),
        ("周圩村民委员会", {"340621101202", "340621102204"}),
    ],
)
def test_of_several_that_are_called_alike_nobody_can_tell_which(written: str, codes: set[str]) -> None:
    assert PLACES.meant(written) == codes


@pytest.mark.parametrize(("name", "left"), [("韩村村村民委员会", "韩"), ("村", "村"), ("濉溪镇", "濉溪")])
def test_what_offices_add_is_left_out(name: str, left: str) -> None:
    assert short(name) == left
