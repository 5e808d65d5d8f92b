"""Natural changes within a household: who is born, dies, comes, goes and takes over, and how a mistake is undone."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.clients import ServiceUnderTest, outbox_of
from tests.services.household.changing import FAMILY, FATHER, GRANDSON, MOTHER, SON, House
from tests.services.household.conftest import OTHER_VILLAGE, number

DAY = "2021-06-05"


def facts(view: dict[str, Any]) -> dict[str, Any]:
    """A household's view but for what tells one version from another."""
    return {name: value for name, value in view.items() if name != "version"}


async def test_a_birth_is_entered_on_the_day_of_birth_and_told_as_a_story(county: httpx.AsyncClient) -> None:
    house = await House.of(county, *FAMILY)
    birth = {"name": "王小妹", "relationship": "granddaughter", "birth_date": "2021-06-01", "sex": "female"}
    born = await house.send("/members", **birth, join_reason="birth", evidence="出生医学证明 U340000001")
    assert (born.status_code, born.headers["location"]) == (201, house.path)
    await house.look()
    assert house.view["members"][-1]["joined_on"] == "2021-06-01"
    (change,) = await house.changes()
    assert change["story"] == (
        "2021-06-01，人员增加（出生）：王小妹加入本户。依据：出生医学证明 U340000001。"
    )
    assert (change["recorded_by"], change["household_version"]) == ("county_officer", 2)


@pytest.mark.parametrize(
    ("arrival", "code"),
    [
        pytest.param(
            {"join_reason": "birth", "birth_date": "2021-06-01", "joined_on": "2021-06-02"},
            "not_on_the_day_of_birth",
            id="born on another day than joined",
        ),
        pytest.param({"join_reason": "birth"}, "not_on_the_day_of_birth", id="born on no known day"),
        pytest.param(
            {"join_reason": "adopted", "birth_date": "2021-06-01", "joined_on": "2021-05-31"},
            "date_before_birth",
            id="adopted before birth",
        ),
        pytest.param(
            {"join_reason": "moved_in", "joined_on": "2021-06-11"}, "date_ahead", id="moves in later"
        ),
        pytest.param({"relationship": "head"}, "head_needed", id="a second head"),
        pytest.param(
            {"identity_number": MOTHER["identity_number"]}, "person_registered", id="is there already"
        ),
    ],
)
async def test_nobody_joins_who_cannot(county: httpx.AsyncClient, arrival: dict[str, Any], code: str) -> None:
    house = await House.of(county, *FAMILY)
    answer = await house.send("/members", **{"name": "王小妹", "relationship": "granddaughter"} | arrival)
    assert answer.json()["code"] == code
    assert await house.changes() == []


async def test_when_the_head_dies_another_one_is_named_in_the_same_call(county: httpx.AsyncClient) -> None:
    house = await House.of(county, *FAMILY)
    head = house.id_of("王建国")
    death = {"reason": "death", "on": DAY, "evidence": "死亡医学证明"}
    assert (await house.send(f"/members/{head}/departure", **death)).json()["code"] == "head_cannot_leave"
    await house.do(f"/members/{head}/departure", **death, new_head={"member_id": house.id_of("李秀英")})
    # Of a widow's family nothing need be said again: her husband's son is her son.
    assert house.present() == {
        "李秀英": "head", "王强": "son", "赵敏": "daughter_in_law", "王小宝": "grandson"
    }  # fmt: skip
    assert (house.view["head_name"], house.view["member_count"]) == ("李秀英", 4)


async def test_who_cannot_be_told_from_the_old_relationships_is_asked_for(county: httpx.AsyncClient) -> None:
    house = await House.of(county, *FAMILY)
    change = {"member_id": house.id_of("王强"), "on": DAY}
    asked = (await house.send("/head", **change)).json()
    assert asked["code"] == "relationship_needed"
    # The grandson may be his child or his nephew, the daughter-in-law his wife or his brother's.
    assert {fault["pointer"] for fault in asked["errors"]} == {
        f"/relationships/{house.id_of(name)}" for name in ("赵敏", "王小宝")
    }
    said = {house.id_of("赵敏"): "spouse", house.id_of("王小宝"): "son"}
    await house.do("/head", **change, relationships=said)
    assert house.present() == {
        "王建国": "father", "李秀英": "mother", "王强": "head", "赵敏": "spouse", "王小宝": "son"
    }  # fmt: skip
    assert (await house.send("/head", **change)).json()["code"] == "head_already"


async def test_a_new_head_is_named_only_where_the_old_one_goes(county: httpx.AsyncClient) -> None:
    house = await House.of(county, *FAMILY)
    new_head = {"member_id": house.id_of("王强")}
    path = f"/members/{house.id_of('赵敏')}/departure"
    answer = await house.send(path, reason="marriage_out", on=DAY, new_head=new_head)
    assert answer.json()["code"] == "head_stays"


async def test_the_last_to_leave_leaves_an_empty_household(county: httpx.AsyncClient) -> None:
    house = await House.of(county, FATHER)
    await house.do(f"/members/{house.id_of('王建国')}/departure", reason="moved_out", on=DAY)
    assert (house.view["head_name"], house.view["member_count"]) == (None, 0)
    back = FATHER | {"join_reason": "moved_in", "joined_on": DAY}
    await house.do("/members", **back)
    assert (house.view["head_name"], house.view["member_count"]) == ("王建国", 1)


@pytest.mark.parametrize(("reason", "back"), [("army", "discharged"), ("student", "graduated")])
async def test_who_is_away_for_a_time_stays_registered_here(
    county: httpx.AsyncClient, reason: str, back: str
) -> None:
    house = await House.of(county, *FAMILY)
    grandson = house.id_of("王小宝")
    await house.do(f"/members/{grandson}/departure", reason=reason, on=DAY)
    assert (house.view["member_count"], (await house.changes())[-1]["kind"]) == (4, "leave")
    elsewhere = {"division_code": OTHER_VILLAGE, "members": [GRANDSON | {"relationship": "head"}]}
    assert (await county.post("/households", json=elsewhere)).json()["code"] == "person_registered"
    early = {"reason": back, "on": "2021-06-04", "relationship": "grandson"}
    answer = await house.send(f"/members/{grandson}/return", **early)
    assert answer.json()["code"] == "date_before_leaving"
    await house.do(f"/members/{grandson}/return", **early | {"on": "2021-06-09"})
    assert house.present()["王小宝"] == "grandson"
    again = await house.send(f"/members/{grandson}/return", **early | {"on": "2021-06-09"})
    assert again.json()["code"] == "not_away"


async def test_who_is_missing_can_be_declared_dead(county: httpx.AsyncClient) -> None:
    house = await House.of(county, *FAMILY)
    son = house.id_of("王强")
    await house.do(f"/members/{son}/departure", reason="missing", on="2021-05-01")
    early = await house.send(f"/members/{son}/departure", reason="death", on="2021-04-30")
    assert early.json()["code"] == "date_before_joining"
    await house.do(f"/members/{son}/departure", reason="death", on=DAY)
    gone = await house.send(f"/members/{son}/departure", reason="death", on=DAY)
    assert gone.json()["code"] == "member_gone"
    assert [change["kind"] for change in await house.changes()] == ["leave", "departure"]


@pytest.mark.parametrize(
    "what", ["birth", "death of the head", "marriage out", "new head", "soldier's return"]
)
async def test_undo_restores_what_was(county: httpx.AsyncClient, what: str) -> None:
    house = await House.of(county, *FAMILY)
    wife = {"member_id": house.id_of("李秀英")}
    grandson = f"/members/{house.id_of('王小宝')}"
    if what == "soldier's return":
        await house.do(f"{grandson}/departure", reason="army", on=DAY)
    changes: dict[str, tuple[str, dict[str, Any]]] = {
        "birth": ("/members", {"name": "王小妹", "relationship": "granddaughter"}),
        "death of the head": (
            f"/members/{house.id_of('王建国')}/departure",
            {"reason": "death", "on": DAY, "new_head": wife},
        ),
        "marriage out": (
            f"/members/{house.id_of('赵敏')}/departure",
            {"reason": "marriage_out", "on": DAY},
        ),
        "new head": ("/head", {"on": DAY, **wife}),
        "soldier's return": (
            f"{grandson}/return",
            {"reason": "discharged", "on": DAY, "relationship": "son"},
        ),
    }
    before = house.view
    path, body = changes[what]
    await house.do(path, **body)
    assert facts(house.view) != facts(before)
    undone = await house.undo()
    assert (undone.status_code, facts(undone.json())) == (200, facts(before))
    assert undone.json()["version"] == before["version"] + 2
    await house.look()
    told = (await house.changes())[-1]
    assert told["story"].endswith("已撤销：录入有误。")
    assert (await house.undo()).json()["code"] == "undone_already"


async def test_what_was_touched_later_is_not_undone_before_that(county: httpx.AsyncClient) -> None:
    house = await House.of(county, *FAMILY)
    await house.do(f"/members/{house.id_of('王小宝')}/departure", reason="army", on=DAY)
    await house.do(f"/members/{house.id_of('王小宝', present=False)}/departure", reason="emigrated", on=DAY)
    assert (await house.undo(0)).json()["code"] == "changed_since"
    for place in (1, 0):
        assert (await house.undo(place)).status_code == 200
        await house.look()
    assert house.present()["王小宝"] == "grandson"


async def test_a_head_is_not_taken_back_once_others_joined_under_the_new_one(
    county: httpx.AsyncClient,
) -> None:
    house = await House.of(county, *FAMILY)
    wife = {"member_id": house.id_of("李秀英")}
    await house.do(f"/members/{house.id_of('王建国')}/departure", reason="death", on=DAY, new_head=wife)
    await house.do("/members", name="李大山", relationship="sibling")
    assert (await house.undo(0)).json()["code"] == "changed_since"


async def test_who_is_registered_elsewhere_by_now_does_not_come_back_by_undoing(
    county: httpx.AsyncClient,
) -> None:
    house = await House.of(county, *FAMILY)
    await house.do(f"/members/{house.id_of('王强')}/departure", reason="moved_out", on=DAY)
    elsewhere = await House.of(county, SON | {"relationship": "head"}, village=OTHER_VILLAGE)
    assert (await house.undo()).json()["code"] == "person_registered"
    await elsewhere.do(f"/members/{elsewhere.id_of('王强')}/departure", reason="moved_out", on=DAY)
    assert (await house.undo()).status_code == 200


async def test_every_change_tells_the_whole_state(
    registry: ServiceUnderTest, county: httpx.AsyncClient
) -> None:
    house = await House.of(county, *FAMILY)
    await house.do(
        "/members", name="王小妹", relationship="granddaughter", identity_number=number("20210601", "246")
    )
    await house.undo()
    events = [event["data"] for event in await outbox_of(registry) if event["subject"] == house.view["id"]]
    told = [(data["version"], len(data["members"])) for data in events]
    assert told == [(1, 5), (2, 6), (3, 5)]
