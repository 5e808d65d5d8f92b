"""Persons come, go and are corrected: a number is held by one person in one household, and let go in time."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.clients import ServiceUnderTest
from tests.services.household.conftest import OTHER_VILLAGE, VILLAGE, a_household, number, registered

SPOUSE = number("19660203", "124")


async def changed(client: httpx.AsyncClient, path: str, version: int, body: dict[str, Any]) -> httpx.Response:
    verb = client.post if path.endswith(("departure", "members", "incomes", "official")) else client.patch
    return await verb(path, json=body, headers={"If-Match": f'"{version}"'})


async def spouse_of(client: httpx.AsyncClient, **changes: Any) -> tuple[dict[str, Any], str]:
    household = (await registered(client, **changes)).json()
    return household, f"/households/{household['id']}/members/{household['members'][1]['id']}"


@pytest.mark.parametrize(
    ("reason", "elsewhere"),
    [
        pytest.param("marriage_out", 201, id="who marries out can be registered where she married to"),
        pytest.param("split", 201, id="who splits off can head a household"),
        pytest.param("death", 409, id="nobody takes the number of the dead"),
    ],
)
async def test_a_number_is_let_go_by_those_who_leave(
    county: httpx.AsyncClient, reason: str, elsewhere: int
) -> None:
    _, spouse = await spouse_of(county)
    left = await changed(county, f"{spouse}/departure", 1, {"reason": reason, "on": "2021-06-01"})
    assert left.status_code == 200
    new = {"name": "李秀英", "relationship": "head", "identity_number": SPOUSE}
    answer = await county.post("/households", json={"division_code": OTHER_VILLAGE, "members": [new]})
    assert answer.status_code == elsewhere


async def test_a_wrong_number_is_corrected_and_free_for_whose_it_is(county: httpx.AsyncClient) -> None:
    household, spouse = await spouse_of(county)
    right = number("19700101", "246")
    answer = await changed(county, spouse, 1, {"identity_number": right})
    assert answer.json()["members"][1]["birth_date"] == "1970-01-01"
    for written, status in ((right, 200), (SPOUSE, 404)):
        found = await county.post("/households/search", json={"identity_number": written})
        assert found.status_code == status
    taken = await changed(county, spouse, 2, {"identity_number": household["members"][0]["identity_number"]})
    assert (taken.status_code, taken.json()["code"]) == (409, "person_registered")


@pytest.mark.parametrize(
    "fact", [{"sex": "male"}, {"birth_date": "1966-02-04"}], ids=["another sex", "another day of birth"]
)
async def test_what_contradicts_the_number_is_refused(
    county: httpx.AsyncClient, fact: dict[str, str]
) -> None:
    _, spouse = await spouse_of(county)
    answer = await changed(county, spouse, 1, fact)
    assert answer.json()["code"] == "contradicts_number"
    body = a_household(order="555")
    body["members"][1] |= fact
    refused = (await county.post("/households", json=body)).json()
    assert refused["errors"][0]["pointer"] == f"/members/1/{next(iter(fact))}"
    assert number("19660203", "556") not in str(refused)


async def test_null_clears_what_may_be_unknown_and_nothing_else(county: httpx.AsyncClient) -> None:
    household, spouse = await spouse_of(county, address="老街 3 号")
    path = f"/households/{household['id']}"
    assert (await changed(county, path, 1, {"address": None})).json()["address"] is None
    for place, field in ((path, "kind"), (path, "destitute"), (spouse, "name"), (spouse, "relationship")):
        assert (await changed(county, place, 2, {field: None})).json()["code"] == "invalid", field


async def test_a_village_numbers_its_households_once(county: httpx.AsyncClient) -> None:
    await registered(county, number="H-001")
    again = await county.post("/households", json=a_household(order="555", number="H-001"))
    assert (again.status_code, again.json()["code"]) == (409, "household_number_taken")
    await registered(county, order="557", number="H-001", village=OTHER_VILLAGE)


@pytest.mark.parametrize(
    ("path", "body", "code"),
    [
        pytest.param(
            "{spouse}/departure", {"reason": "death", "on": "2021-06-11"}, "date_ahead", id="dies later"
        ),
        pytest.param(
            "{spouse}/departure",
            {"reason": "death", "on": "2020-12-31"},
            "date_before_joining",
            id="left unborn",
        ),
        pytest.param(
            "{household}/members",
            {"name": "王小", "relationship": "son", "joined_on": "2021-07-01"},
            "date_ahead",
            id="joins later",
        ),
        pytest.param(
            "{household}/incomes", {"year": 2022, "sharers": 2}, "date_ahead", id="earns in a year to come"
        ),
        pytest.param(
            "{household}/incomes",
            {"year": 2020, "sharers": 2, "wage": "-1"},
            "invalid",
            id="earns less than nothing",
        ),
        pytest.param(
            "{household}/members",
            {"name": "王小", "relationship": "son", "identity_number": number("20210701", "135")},
            "bad_identity_number",
            id="is born tomorrow",
        ),
    ],
)
async def test_what_cannot_have_happened_is_refused(
    county: httpx.AsyncClient, path: str, body: dict[str, Any], code: str
) -> None:
    household, spouse = await spouse_of(county)
    joined = await changed(county, spouse, 1, {"joined_on": "2021-01-01"})
    assert joined.json()["members"][1]["joined_on"] == "2021-01-01"
    place = path.format(spouse=spouse, household=f"/households/{household['id']}")
    assert (await changed(county, place, 2, body)).json()["code"] == code


async def test_a_new_head_takes_the_old_ones_place(county: httpx.AsyncClient) -> None:
    household, spouse = await spouse_of(county)
    head = f"/households/{household['id']}/members/{household['members'][0]['id']}"
    stays = await changed(county, f"{head}/departure", 1, {"reason": "moved_out", "on": "2021-06-01"})
    assert stays.json()["code"] == "head_cannot_leave"
    answer = await changed(county, spouse, 1, {"relationship": "head"})
    assert answer.json()["head_name"] == "李秀英"
    assert [each["relationship"] for each in answer.json()["members"]] == ["spouse", "head"]


async def test_phones_are_masked_for_those_who_may_not_see_them(
    registry: ServiceUnderTest, county: httpx.AsyncClient
) -> None:
    path = f"/households/{(await registered(county, kind='lifted')).json()['id']}"
    official = {"name": "赵敏", "unit": "县医保局", "phone": "13911112222"}
    named = await changed(county, f"{path}/responsible-official", 1, official)
    assert named.json()["official_phone"] == "13911112222"
    seen = (await (await registry.caller("supervisor", VILLAGE)).get(path)).json()
    assert (seen["official_phone"], seen["phone"]) == ("139******22", "138******34")
    story = await county.get(f"{path}/history")
    assert "13911112222" not in story.text
    (step,) = [each for each in story.json() if (each["what"], each["kind"]) == ("household", "changed")]
    assert step["fields"]["official_phone"] == ["…", "…"]
