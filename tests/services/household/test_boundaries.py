"""Divisions in time: named anew, merged, split, transferred on a day; households follow with all that is theirs."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from services.household.boundaries.job import CARRY_OUT_BOUNDARIES, carry_out_due
from services.household.boundaries.rehoming import rehome
from services.household.boundaries.schemas import Move
from services.household.imports.job import IMPORT
from shared.identity.principal import system
from tests.clients import ServiceUnderTest, outbox_of
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
from tests.services.household.duplicating import worked

TODAY = "2021-06-10"
NEW_VILLAGE = "340621100950"


def a_merger(**changes: Any) -> dict[str, Any]:
    return {
        "kind": "merge",
        "effective_on": TODAY,
        "reason": "撤并小村",
        "document": "濉政〔2021〕12号",
        "moves": [{"from_code": VILLAGE, "to_code": OTHER_VILLAGE}],
        "closes": [VILLAGE],
    } | changes


async def planned(client: httpx.AsyncClient, **changes: Any) -> dict[str, Any]:
    answer = await client.post("/divisions/changes", json=a_merger(**changes))
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def carried_out(registry: ServiceUnderTest) -> dict[str, Any]:
    """Run the change that was asked for last, as the bulk process does."""
    async with registry.database.reading(system("household")) as db:
        wanted = text("SELECT id FROM job WHERE name = :name ORDER BY id DESC LIMIT 1")
        job = await db.scalar(wanted, {"name": CARRY_OUT_BOUNDARIES.name})
    return await worked(registry, CARRY_OUT_BOUNDARIES, f"/jobs/household-{job}")


async def test_households_follow_with_all_that_is_theirs(
    registry: ServiceUnderTest, county: httpx.AsyncClient
) -> None:
    path = f"/households/{(await registered(county, number='H-007')).json()['id']}"
    await county.post(f"{path}/incomes", json={"year": 2020, "wage": "9000"}, headers={"If-Match": '"1"'})
    spouse = (await county.get(path)).json()["members"][1]["id"]
    gone = {"reason": "death", "on": "2021-06-08", "evidence": "死亡证明 3 号"}
    await county.post(f"{path}/members/{spouse}/departure", json=gone, headers={"If-Match": '"2"'})
    before = registry.clock.moment
    registry.clock.moment += timedelta(hours=1)
    change = await planned(county)
    assert [move["households"] for move in change["moves"]] == [1]
    assert await carried_out(registry) == {"change_id": change["id"], "state": "done", "households": 1}

    # The town that it came to sees it with its past; the town that it left sees nothing of it.
    there = await registry.caller("town_officer", OTHER_TOWN)
    now = (await there.get(path)).json()
    assert (now["division_code"], now["number"], now["version"]) == (OTHER_VILLAGE, "H-007", 4)
    assert [income["per_capita"] for income in now["incomes"]] == ["4500.00"]
    assert [len((await there.get(f"{path}/{part}")).json()) > 0 for part in ("history", "changes")] == [
        True,
        True,
    ]
    past = (await there.get(path, params={"as_of": before.isoformat()})).json()
    assert (past["division_code"], past["version"], past["members"][1]["leave_reason"]) == (
        VILLAGE,
        3,
        "death",
    )
    here = await registry.caller("town_officer", TOWN)
    assert (await here.get(path)).status_code == 404
    last = [line for line in (await there.get(f"{path}/history")).json() if line["what"] == "household"][-1]
    assert (last["reason"], last["fields"]["division_code"]) == (
        "区划调整 濉政〔2021〕12号",
        [VILLAGE, OTHER_VILLAGE],
    )
    assert (await county.get(f"/divisions/changes/{change['id']}")).json()["moves"][0]["households"] == 1


async def test_the_others_are_told_where_it_belongs_and_where_it_does_not_any_more(
    registry: ServiceUnderTest, county: httpx.AsyncClient
) -> None:
    household = (await registered(county)).json()
    await planned(county)
    await carried_out(registry)
    told = [event for event in await outbox_of(registry) if event["type"] == "household.rehomed.v1"]
    assert [(event["area"], event["data"]["into_code"], event["subject"]) for event in told] == [
        (VILLAGE, OTHER_VILLAGE, household["id"])
    ]
    changed = [event for event in await outbox_of(registry) if event["type"] == "household.changed.v1"][-1]
    assert (changed["area"], changed["data"]["version"]) == (OTHER_VILLAGE, told[0]["data"]["version"])
    closed = [
        event for event in await outbox_of(registry) if event["type"] == "household.division_changed.v1"
    ][-1]
    assert (closed["data"]["code"], closed["data"]["valid_until"]) == (VILLAGE, TODAY)


async def test_a_number_that_is_taken_there_gives_way(
    registry: ServiceUnderTest, county: httpx.AsyncClient
) -> None:
    stays = (await registered(county, village=OTHER_VILLAGE, order="301", number="H-001")).json()
    comes = (await registered(county, number="H-001")).json()
    await planned(county)
    await carried_out(registry)
    numbers = [(await county.get(f"/households/{each['id']}")).json()["number"] for each in (stays, comes)]
    assert (numbers[0], numbers[1].startswith(OTHER_VILLAGE)) == ("H-001", True)
    again = await county.post(
        "/households", json=a_household(village=OTHER_VILLAGE, order="501", number="H-001")
    )
    assert again.json()["code"] == "household_number_taken"


async def test_nobody_is_registered_in_a_village_that_is_no_more(
    registry: ServiceUnderTest, county: httpx.AsyncClient
) -> None:
    await planned(county)
    await carried_out(registry)
    refused = await county.post("/households", json=a_household())
    assert (refused.status_code, refused.json()["code"]) == (422, "village_closed")
    file = f"户编号,行政区划代码,姓名,与户主关系,证件号码\nH-0001,{VILLAGE},赵德海,户主,{number()}"
    sent = await county.post("/households/imports", params={"division": COUNTY}, content=file.encode())
    figures = await worked(registry, IMPORT, sent.headers["location"])
    assert (figures["accepted"], figures["by_code"]) == (0, {"village_closed": 1})
    listed = (await county.get("/divisions", params={"parent": TOWN, "limit": 200})).json()["items"]
    assert VILLAGE not in {each["code"] for each in listed}
    before: dict[str, Any] = {"parent": TOWN, "limit": 200, "on": "2021-06-09"}
    assert VILLAGE in {
        each["code"] for each in (await county.get("/divisions", params=before)).json()["items"]
    }
    assert (await county.get(f"/divisions/{VILLAGE}")).json()["valid_until"] == TODAY


async def test_a_village_is_split_by_its_groups(
    registry: ServiceUnderTest, county: httpx.AsyncClient
) -> None:
    first = (await registered(county, group_name="东庄组")).json()
    second = (await registered(county, group_name="西庄组", order="301")).json()
    split = {
        "kind": "split",
        "divisions": [{"code": NEW_VILLAGE, "name": "东庄村"}],
        "moves": [{"from_code": VILLAGE, "to_code": NEW_VILLAGE, "groups": ["东庄组"]}],
        "closes": [],
    }
    await planned(county, **split)
    # A village is there when the change is carried out, not before.
    assert (await county.get(f"/divisions/{NEW_VILLAGE}")).status_code == 404
    await carried_out(registry)
    villages = [
        (await county.get(f"/households/{each['id']}")).json()["division_code"] for each in (first, second)
    ]
    assert villages == [NEW_VILLAGE, VILLAGE]
    new = (await county.get(f"/divisions/{NEW_VILLAGE}")).json()
    assert (new["name"], new["level"], new["valid_from"], new["path"][-1]["code"]) == (
        "东庄村",
        "village",
        TODAY,
        TOWN,
    )
    assert (
        await county.post("/households", json=a_household(village=NEW_VILLAGE, order="501"))
    ).status_code == 201


async def test_a_new_name_holds_from_its_day_on(
    registry: ServiceUnderTest, county: httpx.AsyncClient
) -> None:
    old = (await county.get(f"/divisions/{VILLAGE}")).json()["name"]
    rename = {"kind": "rename", "divisions": [{"code": VILLAGE, "name": "幸福村"}], "moves": [], "closes": []}
    await planned(county, **rename)
    await carried_out(registry)
    shown = (await county.get(f"/divisions/{VILLAGE}")).json()
    assert (shown["name"], shown["former_names"]) == ("幸福村", [{"name": old, "until": TODAY}])
    for day, name in (("2021-06-09", old), (TODAY, "幸福村")):
        tree = (await county.get("/divisions/tree", params={"root": TOWN, "on": day})).json()
        assert [each["name"] for each in tree["children"] if each["code"] == VILLAGE] == [name]
    found = (await county.get("/divisions", params={"q": "XingFuC"})).json()["items"]
    assert [each["code"] for each in found] == [VILLAGE]


async def test_a_change_waits_for_its_day(registry: ServiceUnderTest, county: httpx.AsyncClient) -> None:
    household = (await registered(county)).json()
    change = await planned(county, effective_on="2021-07-01")
    await carry_out_due(registry.runtime)
    assert (await county.get(f"/divisions/changes/{change['id']}")).json()["state"] == "planned"
    registry.clock.moment += timedelta(days=21)
    await carry_out_due(registry.runtime)
    await carried_out(registry)
    assert (await county.get(f"/households/{household['id']}")).json()["division_code"] == OTHER_VILLAGE
    # The clock of the day is the house's own: what is done is not done again.
    assert (await carried_out(registry))["households"] == 1
    assert (await county.get(f"/households/{household['id']}")).json()["version"] == 2


async def test_a_change_can_be_taken_back_before_its_day(county: httpx.AsyncClient) -> None:
    change = await planned(county, effective_on="2021-07-01")
    path = f"/divisions/changes/{change['id']}/cancellation"
    assert (await county.post(path, headers={"If-Match": '"9"'})).status_code == 412
    assert (await county.post(path, headers={"If-Match": '"1"'})).json()["state"] == "cancelled"
    assert (await county.post(path, headers={"If-Match": '"2"'})).json()["code"] == "not_planned"
    assert (await planned(county))["state"] == "planned"
    listed = (await county.get("/divisions/changes", params={"state": "planned", "division": VILLAGE})).json()
    assert [each["id"] != change["id"] for each in listed["items"]] == [True]


async def test_a_change_that_no_longer_holds_on_its_day_does_nothing(
    registry: ServiceUnderTest, county: httpx.AsyncClient
) -> None:
    empty = {"kind": "close", "moves": [], "closes": [VILLAGE], "effective_on": "2021-07-01"}
    change = await planned(county, **empty)
    household = (await registered(county)).json()
    registry.clock.moment += timedelta(days=21)
    await carry_out_due(registry.runtime)
    with pytest.raises(Exception, match="village"):
        await carried_out(registry)
    shown = (await county.get(f"/divisions/changes/{change['id']}")).json()
    assert (shown["state"], "农户" in shown["refusal"]) == ("refused", True)
    assert (await county.get(f"/households/{household['id']}")).json()["division_code"] == VILLAGE
    assert (await county.get(f"/divisions/{VILLAGE}")).json()["valid_until"] is None


async def test_a_run_that_was_killed_goes_on_where_it_was(
    registry: ServiceUnderTest, county: httpx.AsyncClient
) -> None:
    ids = [(await registered(county, order=order)).json()["id"] for order in ("123", "301")]
    change = await planned(county)
    assert (await carried_out(registry))["households"] == 2
    # As a kill in the middle leaves it: begun, one household moved and counted, the other still to come.
    async with registry.database.writing(system("household")) as db:
        back = Move(from_code=OTHER_VILLAGE, to_code=VILLAGE, household_ids=[ids[1]])
        await rehome(db, back, on=registry.clock.moment.date())
        left = "UPDATE boundary_change SET state = 'under_way', moved = '[1]' WHERE id = :id"
        await db.execute(text(left), {"id": change["id"]})
    assert await carried_out(registry) == {"change_id": change["id"], "state": "done", "households": 2}
    villages = {(await county.get(f"/households/{each}")).json()["division_code"] for each in ids}
    assert villages == {OTHER_VILLAGE}
