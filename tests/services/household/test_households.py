"""Households through the API: what is taken, what is refused, and what is remembered."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import asyncpg
import httpx
import pytest

from deploy.provision import libpq_url
from tests.clients import ServiceUnderTest, outbox_of
from tests.infrastructure.databases import DatabaseOf
from tests.services.household.conftest import (
    COUNTY,
    OTHER_TOWN,
    OTHER_VILLAGE,
    TOWN,
    VILLAGE,
    a_household,
    number,
    registered,
)


async def test_a_household_is_registered_and_told(
    registry: ServiceUnderTest, county: httpx.AsyncClient
) -> None:
    answer = await registered(county)
    assert answer.headers["etag"] == '"1"'
    assert answer.json()["head_name"] == "王建国"
    assert answer.json()["members"][0]["birth_date"] == "1965-01-01"
    told = [event for event in await outbox_of(registry) if event["type"] == "household.registered.v1"]
    assert len(told) == 1
    assert number() not in str(told)
    assert "13800001234" not in str(told)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        pytest.param(
            {"division_code": "340621100999"}, "unknown_village", id="a village that is not registered"
        ),
        pytest.param({"division_code": TOWN}, "unknown_village", id="a town is no village"),
        pytest.param({"members": []}, "invalid", id="nobody"),
        pytest.param({"members": [{"name": "张三", "relationship": "spouse"}]}, "head_needed", id="no head"),
        pytest.param(
            {"members": [{"name": "张三", "relationship": "head", "identity_number": number()[:-1] + "0"}]},
            "bad_identity_number",
            id="a wrong check digit",
        ),
        pytest.param(
            {"members": [{"name": "张三", "relationship": "chief"}]},
            "invalid",
            id="a relationship nobody knows",
        ),
        pytest.param({"colour": "red"}, "invalid", id="a field nobody knows"),
    ],
)
async def test_what_is_wrong_is_refused(
    county: httpx.AsyncClient, changes: dict[str, object], code: str
) -> None:
    answer = await county.post("/households", json=a_household() | changes)
    assert answer.json()["code"] == code
    assert number()[:-1] not in answer.text
    assert (await county.get("/households")).json()["items"] == []


async def test_one_person_belongs_to_one_household(county: httpx.AsyncClient) -> None:
    await registered(county)
    again = await county.post("/households", json=a_household(village=OTHER_VILLAGE))
    assert (again.status_code, again.json()["code"]) == (409, "person_registered")


async def test_the_same_request_twice_is_one_household(county: httpx.AsyncClient) -> None:
    key = {"Idempotency-Key": "form-17"}
    first = await county.post("/households", json=a_household(), headers=key)
    second = await county.post("/households", json=a_household(), headers=key)
    assert (second.status_code, second.content) == (first.status_code, first.content)
    assert second.headers["idempotency-replayed"] == "true"
    assert second.headers["location"] == first.headers["location"]
    other = await county.post("/households", json=a_household(order="555"), headers=key)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    assert len((await county.get("/households")).json()["items"]) == 1


async def test_a_change_needs_the_version_that_was_read(county: httpx.AsyncClient) -> None:
    path = f"/households/{(await registered(county)).json()['id']}"
    assert (await county.patch(path, json={"destitute": True})).status_code == 428
    assert (
        await county.patch(path, json={"destitute": True}, headers={"If-Match": '"7"'})
    ).status_code == 412
    changed = await county.patch(path, json={"destitute": True}, headers={"If-Match": '"1"'})
    assert (changed.status_code, changed.headers["etag"]) == (200, '"2"')


async def test_the_past_can_be_read_and_tells_its_story(
    registry: ServiceUnderTest, county: httpx.AsyncClient
) -> None:
    household = (await registered(county)).json()
    path, before = f"/households/{household['id']}", registry.clock.moment
    registry.clock.moment += timedelta(days=3)
    reason = {"If-Match": '"1"', "X-Reason": "%E6%AD%BB%E4%BA%A1%E7%99%BB%E8%AE%B0"}
    departure = {"reason": "death", "on": "2021-06-11"}
    spouse = household["members"][1]["id"]
    gone = await county.post(f"{path}/members/{spouse}/departure", json=departure, headers=reason)
    assert (gone.json()["member_count"], gone.headers["etag"]) == (1, '"2"')
    ahead = await county.get(
        path, params={"as_of": (registry.clock.moment + timedelta(seconds=1)).isoformat()}
    )
    assert (ahead.status_code, ahead.json()["code"]) == (422, "date_ahead")
    past = await county.get(path, params={"as_of": before.isoformat()})
    assert past.json()["member_count"] == 2
    assert past.json()["members"][1]["left_on"] is None
    story = (await county.get(f"{path}/history")).json()
    last = [step for step in story if step["what"] == "member" and step["kind"] == "changed"][-1]
    assert last["reason"] == "死亡登记"
    assert last["fields"]["leave_reason"] == [None, "death"]
    assert number() not in str(story)


async def test_income_is_explained(county: httpx.AsyncClient) -> None:
    path = f"/households/{(await registered(county)).json()['id']}"
    income = {"year": 2020, "wage": "20000", "transfer": "3000.50", "production_cost": "1000", "sharers": 2}
    answer = await county.post(f"{path}/incomes", json=income, headers={"If-Match": '"1"'})
    assert answer.json()["incomes"][0]["per_capita"] == "11000.25"
    assert "÷ 2 人 = 11000.25 元" in answer.json()["incomes"][0]["explanation"]


async def test_a_town_sees_and_changes_its_own_only(
    registry: ServiceUnderTest, county: httpx.AsyncClient
) -> None:
    household = (await registered(county)).json()
    neighbour = await registry.caller("town_officer", OTHER_TOWN)
    path = f"/households/{household['id']}"
    assert (await neighbour.get(path)).status_code == 404
    assert (await neighbour.get("/households", params={"count": "exact"})).json()["total"] == 0
    assert (
        await neighbour.patch(path, json={"destitute": True}, headers={"If-Match": '"1"'})
    ).status_code == 404
    outside = await neighbour.post("/households", json=a_household(order="777"))
    assert outside.status_code == 403
    own = await registry.caller("town_officer", TOWN)
    assert (await own.get(path)).status_code == 200


async def test_numbers_are_masked_for_those_who_may_not_see_them(
    registry: ServiceUnderTest, county: httpx.AsyncClient
) -> None:
    path = f"/households/{(await registered(county)).json()['id']}"
    supervisor = await registry.caller("supervisor", COUNTY)
    seen = (await supervisor.get(path)).text
    assert number() not in seen
    assert "13800001234" not in seen
    assert number() in (await county.get(path)).text


async def test_a_person_is_found_by_number_however_written(county: httpx.AsyncClient) -> None:
    household = (await registered(county)).json()
    for written in (number(), f" {number()[:6]} {number()[6:]} ", number()[:6] + number()[8:17]):
        found = await county.post("/households/search", json={"identity_number": written})
        assert found.json()["id"] == household["id"], written
    assert (
        await county.post("/households/search", json={"identity_number": number(order="999")})
    ).status_code == 404


async def test_a_list_costs_one_query_and_so_does_a_household(
    registry: ServiceUnderTest, county: httpx.AsyncClient
) -> None:
    for order in range(100, 120, 2):
        household = (await registered(county, order=str(order))).json()
    async with registry.statements() as sent:
        listed = await county.get("/households", params={"division": VILLAGE, "limit": 5})
    assert len(listed.json()["items"]) == 5
    assert len([each for each in sent if "set_config" not in each]) == 1
    async with registry.statements() as sent:
        await county.get(f"/households/{household['id']}")
    assert len([each for each in sent if "set_config" not in each]) == 1


async def test_pages_follow_each_other_without_gap(county: httpx.AsyncClient) -> None:
    ids = {(await registered(county, order=str(order))).json()["id"] for order in range(100, 114, 2)}
    seen, cursor = [], None
    while True:
        page = (
            await county.get("/households", params={"limit": 3} | ({"cursor": cursor} if cursor else {}))
        ).json()
        seen += [each["id"] for each in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert len(seen) == len(set(seen)) == len(ids)
    assert (await county.get("/households", params={"cursor": "x!"})).json()["code"] == "bad_cursor"


async def test_the_application_role_is_walled_in(database_of: DatabaseOf, county: httpx.AsyncClient) -> None:
    # Behind the API stands row-level security: a connection without a scope sees nothing and writes no history.
    assert county is not None
    database = await database_of("household")
    connection = await asyncpg.connect(libpq_url(database.url))
    try:
        assert await connection.fetchval("SELECT count(*) FROM household") == 0
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute("DELETE FROM history")
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute("ALTER TABLE household DISABLE ROW LEVEL SECURITY")
    finally:
        await connection.close()


async def test_of_two_who_change_the_same_version_at_once_one_is_refused(county: httpx.AsyncClient) -> None:
    path = f"/households/{(await registered(county)).json()['id']}"
    answers = await asyncio.gather(
        *[
            county.patch(path, json={"address": f"老街 {place} 号"}, headers={"If-Match": '"1"'})
            for place in range(4)
        ]
    )
    assert sorted(answer.status_code for answer in answers) == [200, 412, 412, 412]
