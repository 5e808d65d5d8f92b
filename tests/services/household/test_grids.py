"""Grids of a village: who belongs to one by group or by name, and who looks after them."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from services.household.imports.job import IMPORT
from tests.clients import ServiceUnderTest, outbox_of
from tests.services.household.conftest import (
    COUNTY,
    OTHER_TOWN,
    OTHER_VILLAGE,
    TOWN,
    VILLAGE,
    number,
    registered,
)
from tests.services.household.duplicating import worked
from tests.services.household.test_boundaries import carried_out, planned


def a_grid(**changes: Any) -> dict[str, Any]:
    return {
        "division_code": VILLAGE,
        "number": "01",
        "name": "东庄网格",
        "officer_name": "周建军",
        "officer_phone": "13900005678",
        "groups": ["东庄组"],
    } | changes


async def entered(client: httpx.AsyncClient, **changes: Any) -> dict[str, Any]:
    answer = await client.post("/grids", json=a_grid(**changes))
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def grid_of(client: httpx.AsyncClient, household: dict[str, Any]) -> str | None:
    grid: str | None = (await client.get(f"/households/{household['id']}")).json()["grid_id"]
    return grid


async def test_households_belong_to_the_grid_of_their_group(
    registry: ServiceUnderTest, county: httpx.AsyncClient
) -> None:
    before = (await registered(county, group_name="东庄组")).json()
    grid = await entered(county)
    after = (await registered(county, group_name="东庄组", order="301")).json()
    other = (await registered(county, group_name="西庄组", order="501")).json()
    assert [await grid_of(county, each) for each in (before, after, other)] == [grid["id"], grid["id"], None]
    shown = (await county.get(f"/grids/{grid['id']}")).json()
    assert (shown["households"], shown["people"]) == (2, 4)
    # Who goes over to the group goes over to the grid.
    moved = await county.patch(
        f"/households/{other['id']}", json={"group_name": "东庄组"}, headers={"If-Match": '"1"'}
    )
    assert moved.json()["grid_id"] == grid["id"]
    told = [each for each in await outbox_of(registry) if each["type"] == "household.grid_changed.v1"]
    assert [each["data"]["officer_name"] for each in told] == ["周建军"]
    assert "13900005678" not in str(told)
    changed = [each for each in await outbox_of(registry) if each["type"] == "household.changed.v1"]
    assert [each["data"]["grid_id"] for each in changed] == [grid["id"]] * 2


async def test_a_file_puts_people_into_their_grids(
    registry: ServiceUnderTest, county: httpx.AsyncClient
) -> None:
    grid = await entered(county)
    file = f"户编号,行政区划代码,村民小组,姓名,与户主关系,证件号码\nH-0001,{VILLAGE},东庄组,王建国,户主,{number()}"
    answer = await county.post("/households/imports", params={"division": COUNTY}, content=file.encode())
    assert answer.status_code == 202, answer.text
    await worked(registry, IMPORT, answer.headers["location"])
    (line,) = (await county.get("/households")).json()["items"]
    assert line["grid_id"] == grid["id"]


async def test_households_are_taken_in_by_name(county: httpx.AsyncClient) -> None:
    grid = await entered(county, groups=[])
    one = (await registered(county)).json()
    elsewhere = (await registered(county, village=OTHER_VILLAGE, order="301")).json()
    path, version = f"/grids/{grid['id']}/households", {"If-Match": '"1"'}
    refused = await county.post(path, json={"household_ids": [one["id"], elsewhere["id"]]}, headers=version)
    assert (refused.json()["code"], await grid_of(county, one)) == ("not_of_village", None)
    taken = await county.post(path, json={"household_ids": [one["id"]]}, headers=version)
    assert (taken.json()["households"], await grid_of(county, one)) == (1, grid["id"])


async def test_a_closed_grid_lets_go(county: httpx.AsyncClient) -> None:
    grid = await entered(county)
    home = (await registered(county, group_name="东庄组")).json()
    path = f"/grids/{grid['id']}"
    closed = await county.post(f"{path}/closure", headers={"If-Match": '"1"'})
    assert closed.status_code == 200, closed.text
    assert (closed.json()["closed_on"], await grid_of(county, home)) == ("2021-06-10", None)
    again = await county.patch(path, json={"name": "新网格"}, headers={"If-Match": '"2"'})
    assert again.json()["code"] == "grid_closed"
    assert (await county.get("/grids")).json()["items"] == []
    assert len((await county.get("/grids", params={"closed": True})).json()["items"]) == 1
    # Its groups are free for another one.
    assert (await entered(county, number="02"))["households"] == 1


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        pytest.param({"number": "01", "groups": []}, 409, "grid_number_taken", id="number"),
        pytest.param({"number": "02"}, 409, "group_taken", id="group"),
        pytest.param({"division_code": TOWN}, 422, "unknown_village", id="a town has no grids"),
        pytest.param({"number": ""}, 422, "invalid", id="no number"),
        pytest.param({"name": ""}, 422, "invalid", id="no name"),
    ],
)
async def test_a_grid_that_cannot_be_is_refused(
    county: httpx.AsyncClient, changes: dict[str, Any], status: int, code: str
) -> None:
    await entered(county)
    refused = await county.post("/grids", json=a_grid(**changes))
    assert (refused.status_code, refused.json()["code"]) == (status, code)


async def test_only_what_is_given_changes(county: httpx.AsyncClient) -> None:
    grid = await entered(county)
    path = f"/grids/{grid['id']}"
    assert (await county.patch(path, json={"name": None}, headers={"If-Match": '"1"'})).status_code == 422
    changed = await county.patch(path, json={"officer_name": "李红"}, headers={"If-Match": '"1"'})
    assert {name: value for name, value in changed.json().items() if grid[name] != value} == {
        "officer_name": "李红",
        "version": 2,
    }


async def test_grids_are_their_villages_own(registry: ServiceUnderTest, county: httpx.AsyncClient) -> None:
    await entered(county)
    elsewhere = await registry.caller("town_officer", OTHER_TOWN)
    assert (await elsewhere.get("/grids", params={"division": COUNTY})).json()["items"] == []
    assert (await elsewhere.post("/grids", json=a_grid(number="02", groups=[]))).status_code == 403
    supervisor = await registry.caller("supervisor", COUNTY)
    (seen,) = (await supervisor.get("/grids", params={"q": "建军"})).json()["items"]
    assert (seen["officer_phone"], (await supervisor.post("/grids", json=a_grid())).status_code) == (
        "139******78",
        403,
    )


async def test_grids_go_along_where_a_village_becomes_a_new_one(
    registry: ServiceUnderTest, county: httpx.AsyncClient
) -> None:
    grid = await entered(county)
    by_name = await entered(county, number="02", groups=[])
    homes = [
        (await registered(county, order=order, group_name=group)).json()
        for order, group in (("123", "东庄组"), ("301", "西庄组"))
    ]
    named = {"household_ids": [homes[1]["id"]]}
    await county.post(f"/grids/{by_name['id']}/households", json=named, headers={"If-Match": '"1"'})
    new = "340621101950"
    transfer = {"kind": "transfer", "divisions": [{"code": new, "name": "东庄村"}]}
    await planned(county, **transfer, moves=[{"from_code": VILLAGE, "to_code": new}])
    await carried_out(registry)
    assert [await grid_of(county, each) for each in homes] == [grid["id"], by_name["id"]]
    assert (await county.get(f"/grids/{grid['id']}")).json()["division_code"] == new


async def test_elsewhere_the_grids_are_drawn_anew(
    registry: ServiceUnderTest, county: httpx.AsyncClient
) -> None:
    here = await entered(county)
    there = await entered(county, division_code=OTHER_VILLAGE)
    home = (await registered(county, group_name="东庄组")).json()
    await planned(county)
    await carried_out(registry)
    assert await grid_of(county, home) == there["id"]
    assert (await county.get(f"/grids/{here['id']}")).json()["closed_on"] == "2021-06-10"
