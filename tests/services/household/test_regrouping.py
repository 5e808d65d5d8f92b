"""Natural changes of two households: split, merger, transfer; with numbers, dates, areas and undoing."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from tests.clients import ServiceUnderTest, outbox_of
from tests.services.household.changing import FAMILY, GRANDSON, SON, WIFE, House, person
from tests.services.household.conftest import OTHER_VILLAGE, VILLAGE
from tests.services.household.test_imports import Office, line
from tests.services.household.test_natural_changes import DAY, facts

UNCLE = person("王大山", "head", "19480101", "777")
AUNT = person("周兰", "spouse", "19490101", "888")


def going(house: House, **relationships: str) -> list[dict[str, str]]:
    return [
        {"member_id": house.id_of(name), "relationship": relationship}
        for name, relationship in relationships.items()
    ]


YOUNG = {"王强": "head", "赵敏": "spouse", "王小宝": "son"}


async def split(house: House, **more: Any) -> House:
    answer = await house.send("/split", on=DAY, members=going(house, **YOUNG), **more)
    assert answer.status_code == 201, answer.text
    assert answer.headers["location"] == f"/households/{answer.json()['counterpart']['id']}"
    await house.look()
    return House(house.client, answer.json()["counterpart"])


async def merge(into: House, merged: House, **relationships: str) -> httpx.Response:
    form = {"into": into.view["id"], "merged": merged.view["id"], "on": DAY}
    tag = {"If-Match": f'"{into.view["version"]}"'}
    body = form | {"members": going(merged, **relationships)}
    return await into.client.post("/households/merge", json=body, headers=tag)


async def test_a_split_makes_a_household_of_its_own(
    registry: ServiceUnderTest, county: httpx.AsyncClient
) -> None:
    old = await House.of(county, *FAMILY)
    await old.do("/incomes", year=2020, wage="9000", sharers=5)
    new = await split(old, address="新村 8 号")
    assert (old.present(), new.present()) == ({"王建国": "head", "李秀英": "spouse"}, YOUNG)
    assert (len(old.view["incomes"]), new.view["incomes"]) == (1, [])
    assert (new.view["address"], new.view["head_name"], new.view["version"]) == ("新村 8 号", "王强", 1)
    left = [member for member in old.view["members"] if member["left_on"]]
    assert {(member["leave_reason"], member["left_on"]) for member in left} == {("split", DAY)}
    found = await county.post("/households/search", json={"identity_number": SON["identity_number"]})
    assert found.json()["id"] == new.view["id"]
    here, there = (await old.changes())[-1], (await new.changes())[-1]
    assert (here["counterpart_id"], there["counterpart_id"]) == (new.view["id"], old.view["id"])
    assert {each["elsewhere"] for each in here["persons"]} == {m["id"] for m in new.view["members"]}
    assert there["story"] == f"{DAY}，分户：王强、赵敏、王小宝加入本户。"
    types = [event["type"] for event in await outbox_of(registry)][-3:]
    assert types == ["household.changed.v1", "household.registered.v1", "household.split.v1"]


@pytest.mark.parametrize(
    ("form", "code"),
    [
        pytest.param(
            {"members": ["王建国", "李秀英", "王强", "赵敏", "王小宝"]}, "nobody_stays", id="everybody"
        ),
        pytest.param({"members": ["王强", "王强"]}, "repeated_person", id="the same one twice"),
        pytest.param({"members": ["王建国", "李秀英"]}, "head_cannot_leave", id="the head, naming no other"),
        pytest.param({"members": ["王强"], "on": "2021-06-11"}, "date_ahead", id="tomorrow"),
        pytest.param({"members": ["王强"], "on": "1975-04-04"}, "date_before_joining", id="before birth"),
    ],
)
async def test_what_is_no_split_is_refused(
    county: httpx.AsyncClient, form: dict[str, Any], code: str
) -> None:
    house = await House.of(county, *FAMILY)
    members = [
        {"member_id": house.id_of(name), "relationship": "other" if place else "head"}
        for place, name in enumerate(form["members"])
    ]
    answer = await house.send("/split", **{"on": DAY} | form | {"members": members})
    assert answer.json()["code"] == code
    assert facts((await house.look()).view)["member_count"] == len(FAMILY)


async def test_a_split_that_was_a_mistake_is_undone(county: httpx.AsyncClient) -> None:
    old = await House.of(county, *FAMILY)
    before = old.view
    new = await split(old)
    # From the side of the household that it made, too.
    undone = await new.undo()
    assert (undone.status_code, undone.json()["members"]) == (200, [])
    assert undone.json()["merged_into"] == old.view["id"]
    assert facts((await old.look()).view) == facts(before)
    refused = await (await new.look()).send("/members", name="王小妹", relationship="head")
    assert refused.json()["code"] == "household_merged"


async def test_a_household_that_lives_on_since_the_split_is_not_undone(county: httpx.AsyncClient) -> None:
    old = await House.of(county, *FAMILY)
    new = await split(old)
    await new.do("/incomes", year=2020, wage="9000", sharers=3)
    assert (await old.undo()).json()["code"] == "changed_since"


async def test_two_households_become_one(registry: ServiceUnderTest, county: httpx.AsyncClient) -> None:
    old = await House.of(county, *FAMILY)
    new = await split(old)
    await new.do(f"/members/{new.id_of('王小宝')}/departure", reason="army", on=DAY)
    back = {"王强": "son", "赵敏": "daughter_in_law"}
    before = {"old": old.view, "new": new.view}
    assert (await merge(old, new, 王强="son")).json()["code"] == "everybody_needed"
    answer = await merge(old, new, **back)
    assert answer.status_code == 200, answer.text
    await old.look()
    await new.look()
    assert old.present() == {"王建国": "head", "李秀英": "spouse"} | back
    assert (new.view["member_count"], new.view["merged_into"]) == (0, old.view["id"])
    assert [event["type"] for event in await outbox_of(registry)][-1] == "household.merged.v1"
    assert (await old.undo()).status_code == 200
    await old.look()
    await new.look()
    assert (facts(old.view), facts(new.view)) == (facts(before["old"]), facts(before["new"]))
    assert (await merge(old, new, **back)).status_code == 200
    await old.look()
    # The soldier belongs to where his family went, and comes back there.
    soldier = old.id_of("王小宝", present=False)
    await old.do(f"/members/{soldier}/return", reason="discharged", on=DAY, relationship="grandson")
    assert old.present()["王小宝"] == "grandson"


async def test_nobody_comes_back_by_undoing_into_a_household_that_was_merged(
    county: httpx.AsyncClient,
) -> None:
    into, merged = await House.of(county, *FAMILY), await House.of(county, UNCLE, AUNT)
    await merged.do(f"/members/{merged.id_of('周兰')}/departure", reason="moved_out", on=DAY)
    assert (await merge(into, merged, 王大山="sibling")).status_code == 200
    assert (await (await merged.look()).undo(0)).json()["code"] == "changed_since"
    for place in (1, 0):
        assert (await (await merged.look()).undo(place)).status_code == 200
    assert (await merged.look()).present() == {"王大山": "head", "周兰": "spouse"}


async def test_nobody_is_imported_into_a_household_that_was_merged(
    registry: ServiceUnderTest, county: httpx.AsyncClient
) -> None:
    into, merged = await House.of(county, *FAMILY), await House.of(county, UNCLE)
    assert (await merge(into, merged, 王大山="sibling")).status_code == 200
    # Of one who is new, under the old number of the household.
    row = line(merged.view["number"], "301")
    figures = await Office(registry, county).send(f"{','.join(row)}\n{','.join(row.values())}\n".encode())
    assert figures["by_code"] == {"household_merged": 1}
    assert (await merged.look()).present() == {}


async def test_a_member_goes_over_to_another_village(
    registry: ServiceUnderTest, county: httpx.AsyncClient
) -> None:
    here = await House.of(county, *FAMILY)
    there = await House.of(county, UNCLE, AUNT, village=OTHER_VILLAGE)
    form = {"household_id": there.view["id"], "relationship": "nephew", "on": DAY}
    officer = House(await registry.caller("village_officer", VILLAGE), here.view)
    path = f"/members/{here.id_of('王强')}/transfer"
    assert (await officer.send(path, **form)).status_code == 404
    before = (here.view, there.view)
    await here.do(path, **form)
    await there.look()
    assert there.present() == {"王大山": "head", "周兰": "spouse", "王强": "nephew"}
    assert {m["name"]: m["leave_reason"] for m in here.view["members"]}["王强"] == "transferred"
    # Whoever sees one side alone undoes nothing.
    assert (await House(officer.client, here.view).undo()).status_code == 404
    assert (await here.undo()).status_code == 200
    assert (facts((await here.look()).view), facts((await there.look()).view)) == tuple(map(facts, before))


@pytest.mark.parametrize(
    ("form", "code"),
    [
        pytest.param({"relationship": "head"}, "head_needed", id="as a second head"),
        pytest.param({"household_id": "own"}, "same_household", id="to where they are"),
        pytest.param({"on": "2021-06-11"}, "date_ahead", id="tomorrow"),
        pytest.param({"on": "1975-01-01"}, "date_before_joining", id="before birth"),
    ],
)
async def test_what_is_no_transfer_is_refused(
    county: httpx.AsyncClient, form: dict[str, Any], code: str
) -> None:
    here, there = await House.of(county, *FAMILY), await House.of(county, UNCLE)
    body = {"household_id": there.view["id"], "relationship": "nephew", "on": DAY} | form
    if body["household_id"] == "own":
        body["household_id"] = here.view["id"]
    answer = await here.send(f"/members/{here.id_of('王强')}/transfer", **body)
    assert answer.json()["code"] == code


async def test_two_who_go_both_ways_at_once_do_not_wait_for_each_other_for_ever(
    county: httpx.AsyncClient,
) -> None:
    here, there = await House.of(county, *FAMILY), await House.of(county, UNCLE, AUNT)

    async def go(house: House, other: House, name: str) -> int:
        path = f"/members/{house.id_of(name)}/transfer"
        body = {"household_id": other.view["id"], "relationship": "other", "on": DAY}
        return (await house.send(path, **body)).status_code

    for _ in range(5):
        await asyncio.gather(here.look(), there.look())
        names = [(here, there, "王强"), (there, here, "周兰")]
        moves = [go(a, b, name) if name in a.present() else go(b, a, name) for a, b, name in names]
        # One of them finds the other's change: its version is gone, and nothing worse.
        assert sorted(await asyncio.gather(*moves)) in ([200, 200], [200, 412])
    await asyncio.gather(here.look(), there.look())
    assert len(here.present() | there.present()) == len(FAMILY) + 2
    assert {WIFE["name"], GRANDSON["name"]} <= set(here.present())
