"""A change of boundaries that does not hold is refused, with the place of what is wrong."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.clients import ServiceUnderTest
from tests.services.household.conftest import COUNTY, OTHER_VILLAGE, TOWN, VILLAGE, registered
from tests.services.household.test_boundaries import a_merger, planned


@pytest.mark.parametrize(
    ("changes", "pointer", "fault"),
    [
        pytest.param({"closes": ["340621100999"]}, "/closes/0", "unknown", id="what ends is unknown"),
        pytest.param({"closes": [TOWN]}, "/closes/0", "not_empty", id="a town whose villages stay"),
        pytest.param(
            {"moves": [{"from_code": VILLAGE, "to_code": "340621100999"}]}, "/moves/0/to_code", "unknown_village",
            id="a village that is not there",
        ),
        pytest.param(
            {"moves": [{"from_code": VILLAGE, "to_code": TOWN}]}, "/moves/0/to_code", "unknown_village",
            id="a town is no village",
        ),
        pytest.param({"closes": [VILLAGE, OTHER_VILLAGE]}, "/moves/0/to_code", "closed", id="into one that ends"),
        pytest.param({"moves": []}, "/moves", "missing", id="a merger without moves"),
        pytest.param({"kind": "rename"}, "/moves", "not_of_kind", id="a new name moves nobody"),
        pytest.param(
            {"divisions": [{"code": "340621900001", "name": "新村"}]}, "/divisions/0/code", "unknown_parent",
            id="a village without its town",
        ),
        pytest.param(
            {"kind": "establish", "divisions": [{"code": VILLAGE, "name": "甲"}], "moves": [], "closes": []},
            "/divisions/0/code", "known", id="established twice",
        ),
        pytest.param(
            {"moves": [{"from_code": VILLAGE, "to_code": OTHER_VILLAGE}] * 2}, "/moves/1/from_code", "nobody_left",
            id="everybody twice",
        ),
        pytest.param(
            {
                "moves": [
                    {"from_code": VILLAGE, "to_code": OTHER_VILLAGE},
                    {"from_code": OTHER_VILLAGE, "to_code": "340621101202"},
                ]
            },
            "/moves/1/from_code", "chained", id="through one village into another",
        ),
    ],
)  # fmt: skip
async def test_what_does_not_hold_is_refused_with_its_place(
    county: httpx.AsyncClient, changes: dict[str, Any], pointer: str, fault: str
) -> None:
    refused = await county.post("/divisions/changes", json=a_merger(**changes))
    assert (refused.status_code, refused.json()["code"]) == (422, "boundaries_do_not_hold")
    assert (pointer, fault) in {(each["pointer"], each["code"]) for each in refused.json()["errors"]}


async def test_who_lives_there_must_be_said_to_go_somewhere(county: httpx.AsyncClient) -> None:
    await registered(county)
    refused = await county.post("/divisions/changes", json=a_merger(kind="close", moves=[]))
    assert (refused.status_code, refused.json()["code"]) == (422, "village_not_empty")


async def test_divisions_change_once_at_a_time_and_by_those_who_cover_them(
    registry: ServiceUnderTest, county: httpx.AsyncClient
) -> None:
    await planned(county, effective_on="2021-07-01")
    again = await county.post("/divisions/changes", json=a_merger(effective_on="2021-08-01"))
    assert (again.status_code, again.json()["code"]) == (409, "change_under_way")
    # A county officer of one town only: the village that the households would go to is not theirs.
    narrow = await registry.caller("county_officer", TOWN)
    assert (await narrow.post("/divisions/changes", json=a_merger())).json()["code"] == "outside_area"
    reader = await registry.caller("village_officer", COUNTY)
    assert (await reader.post("/divisions/changes", json=a_merger())).status_code == 403
