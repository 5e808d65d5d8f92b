"""Inspected objects, and checks of villages, objects and the county's mechanisms."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from services.inspection.checklists.catalog import checklist_of
from shared.domain.codes import code_lists
from shared.keys import uuid7
from tests.services.inspection.conftest import (
    COUNTY,
    NEXT_VILLAGE,
    OTHER_VILLAGE,
    TOWN,
    VILLAGE,
    Scene,
    failed,
    on,
    open_campaign,
)
from tests.services.inspection.test_findings import DONE, PLAN, move, raised

STATION = {
    "kind": "photovoltaic_station",
    "name": "八里村光伏电站",
    "division_code": VILLAGE,
    "unit": "县光伏运维公司",
}
COUNTER = {"kind": "counter", "name": "濉溪镇消费帮扶专柜", "division_code": TOWN}


async def entered(scene: Scene, *objects: dict[str, Any]) -> list[dict[str, Any]]:
    """Enter objects, as the county."""
    answer = await scene.county.post("/inspection-objects", json={"objects": list(objects)})
    assert answer.status_code == 200, answer.text
    listed = (await scene.county.get("/inspection-objects?limit=200")).json()["items"]
    by_name = {each["name"]: each for each in listed}
    return [by_name[each["name"]] for each in objects]


def check(**changes: Any) -> dict[str, Any]:
    """A check on the first day of fieldwork."""
    return {"checked_at": "2021-06-09T09:00:00+08:00", "officer": "赵敏"} | changes


@pytest.mark.check
def test_every_kind_of_object_is_asked_something_and_every_item_of_somebody() -> None:
    items = checklist_of("2021").items.values()
    on_sites = [each for each in items if each.object == "operator"]
    kinds = {kind for each in items for kind in each.applies.objects}
    assert all(each.applies.objects for each in on_sites)
    assert {code.code for code in code_lists()["inspected_object_kind"].codes} == kinds


async def test_objects_are_entered_in_lists_and_the_last_word_counts(scene: Scene) -> None:
    address = "/inspection-objects"
    first = await scene.county.post(address, json={"objects": [STATION, COUNTER]})
    assert first.json() == {"added": 2, "changed": 0}
    again = await scene.county.post(address, json={"objects": [STATION, COUNTER | {"contact": "王芳"}]})
    assert again.json() == {"added": 0, "changed": 1}
    shown = (await scene.town.get(f"{address}?kind=counter&q=濉溪")).json()["items"]
    assert [(each["name"], each["contact"], each["version"]) for each in shown] == [
        ("濉溪镇消费帮扶专柜", "王芳", 2)
    ]
    outside = await scene.town.post(address, json={"objects": [STATION | {"division_code": OTHER_VILLAGE}]})
    assert outside.json()["code"] == "outside_area"
    assert [each["name"] for each in (await scene.village.get(address)).json()["items"]] == [STATION["name"]]


async def test_an_object_is_changed_renamed_and_ended(scene: Scene) -> None:
    station, other = await entered(scene, STATION, STATION | {"name": "东组光伏电站"})
    address = f"/inspection-objects/{station['id']}"
    tag = {"If-Match": f'"{station["version"]}"'}
    taken = await scene.town.patch(address, json={"name": other["name"]}, headers=tag)
    assert taken.json()["code"] == "object_name_taken"
    changed = await scene.town.patch(address, json={"contact": "李梅", "name": "八里光伏"}, headers=tag)
    assert (changed.json()["name"], changed.json()["unit"]) == ("八里光伏", STATION["unit"])
    assert (await scene.town.patch(address, json={}, headers=tag)).json()["code"] == "stale"
    tag = {"If-Match": changed.headers["etag"]}
    ended = await scene.town.post(f"{address}/end", json={}, headers=tag)
    assert ended.json()["ended_on"] == "2021-06-10"
    tag = {"If-Match": ended.headers["etag"]}
    assert (await scene.town.post(f"{address}/end", json={}, headers=tag)).json()["code"] == "object_ended"
    refused = await scene.county.post(
        f"{scene.path}/checks", json=check(object_id=station["id"], answers=[{"item": "A2-05", "ok": True}])
    )
    assert refused.json()["code"] == "object_ended"


async def test_the_same_check_sent_to_another_campaign_is_not_taken_for_the_one_on_record(
    scene: Scene,
) -> None:
    answers = [{"item": "A2-07", "ok": True}]
    sent = check(id=str(uuid7()), division_code=VILLAGE, answers=answers)
    recorded = await scene.village.post(f"{scene.path}/checks", json=sent)
    assert recorded.status_code == 201, recorded.text
    shown = (await scene.village.get(recorded.headers["location"])).json()["items"]
    assert sent["id"] in {each["id"] for each in shown}
    other = await open_campaign(scene.county)
    refused = await scene.village.post(f"/campaigns/{other}/checks", json=sent)
    assert (refused.status_code, refused.json()["code"]) == (409, "check_id_reused")


async def test_a_failed_item_of_a_check_becomes_a_finding_of_the_object(scene: Scene) -> None:
    (station,) = await entered(scene, STATION)
    spot = {"measure": "清理杂草", "evidence": ["照片"]}
    answers = [failed("A2-05", "逆变器停机", on_the_spot=None), failed("A2-06", "板下荒芜", on_the_spot=spot)]
    recorded = await scene.village.post(
        f"{scene.path}/checks", json=check(object_id=station["id"], answers=answers)
    )
    assert recorded.status_code == 201, recorded.text
    assert recorded.json()["object_name"] == STATION["name"]
    found = [(await scene.village.get(f"/findings/{each}")).json() for each in recorded.json()["finding_ids"]]
    assert [
        (
            each["item"],
            each["object_id"],
            each["object_name"],
            each["source"],
            each["level"],
            each["status"],
            each["deadline_on"],
        )
        for each in found
    ] == [
        ("A2-05", station["id"], STATION["name"], "check", "town", "raised", "2021-06-17"),
        ("A2-06", station["id"], STATION["name"], "check", "town", "closed", "2021-06-24"),
    ]


async def test_a_branchs_loans_are_asked_what_the_door_is_asked_of_a_loan(scene: Scene) -> None:
    (loans,) = await entered(scene, {"kind": "loan", "name": "农商行濉溪支行", "division_code": TOWN})
    asked = (await scene.town.get(f"{scene.path}/checks/form?object_id={loans['id']}")).json()
    assert [(each["item"], each["after"]) for each in asked["items"]] == [("A4-02", None), ("A4-03", None)]
    draft = check(object_id=loans["id"], answers=[failed("A4-03", "两笔贷款转入企业")])
    recorded = await scene.town.post(f"{scene.path}/checks", json=draft)
    assert recorded.status_code == 201, recorded.text
    (found,) = (await scene.town.get("/findings")).json()["items"]
    assert (found["object_kind"], found["level"], found["object_id"]) == ("operator", "town", loans["id"])
    by_hand = await raised(scene, scene.town, item="A4-02", object_id=loans["id"], division_code=None)
    assert by_hand["object_name"] == "农商行濉溪支行"


async def test_the_form_asks_what_belongs_to_the_kind_and_knows_earlier_checks(scene: Scene) -> None:
    station, counter = await entered(scene, STATION, COUNTER)
    form = f"{scene.path}/checks/form"
    asked = (await scene.village.get(f"{form}?object_id={station['id']}")).json()
    assert [each["item"] for each in asked["items"]] == ["A2-05", "A2-06"]
    assert (asked["unit"], asked["kind"], asked["last_checked_at"]) == (
        STATION["unit"],
        "photovoltaic_station",
        None,
    )
    of_counter = (await scene.town.get(f"{form}?object_id={counter['id']}")).json()
    assert [each["item"] for each in of_counter["items"]] == ["A5-03"]
    village = (await scene.village.get(f"{form}?division={VILLAGE}")).json()
    assert [each["item"] for each in village["items"]] == [
        "A1-05",
        "A2-07",
        "A3-03",
        "A7-03",
        "A8-04",
        "A8-05",
    ]
    county = (await scene.county.get(f"{form}?division={COUNTY}")).json()
    assert county["kind"] == "county"
    assert "A1-06" in {each["item"] for each in county["items"]}
    await scene.village.post(
        f"{scene.path}/checks", json=check(object_id=station["id"], answers=[failed("A2-05", "逆变器停机")])
    )
    again = (await scene.village.get(f"{form}?object_id={station['id']}")).json()
    last = {each["item"]: each["last"] for each in again["items"]}
    assert (last["A2-05"]["facts"], last["A2-06"]) == ("逆变器停机", None)
    assert [each["facts"] for each in again["open_findings"]] == ["逆变器停机"]


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"division_code": VILLAGE, "answers": [failed("A2-05")]}, 422, "not_asked_here"),
        ({"division_code": VILLAGE, "answers": [failed("A1-04")]}, 422, "not_asked_here"),
        ({"division_code": VILLAGE, "answers": [failed("A9-99")]}, 422, "unknown_item"),
        ({"division_code": TOWN, "answers": [failed("A2-07")]}, 422, "no_site"),
        ({"object_id": str(uuid7()), "answers": [failed("A2-05")]}, 404, "not_found"),
        ({"answers": [failed("A2-07")]}, 422, "invalid"),
        ({"division_code": VILLAGE, "answers": []}, 422, "invalid"),
        ({"division_code": OTHER_VILLAGE, "answers": [failed("A2-07")]}, 403, "outside_area"),
        (
            {
                "division_code": VILLAGE,
                "checked_at": "2021-06-08T09:00:00+08:00",
                "answers": [failed("A2-07")],
            },
            409,
            "outside_schedule",
        ),
        (
            {
                "division_code": VILLAGE,
                "checked_at": "2021-06-12T09:00:00+08:00",
                "answers": [failed("A2-07")],
            },
            422,
            "visit_in_future",
        ),
    ],
    ids=[
        "a station's item of a village",
        "a household's item of a village",
        "an item nobody knows",
        "a town",
        "an object that there is not",
        "nothing named",
        "no answers",
        "a village elsewhere",
        "before the fieldwork",
        "tomorrow",
    ],
)
async def test_a_check_that_cannot_be_is_refused(
    scene: Scene, changes: dict[str, Any], status: int, code: str
) -> None:
    refused = await scene.village.post(f"{scene.path}/checks", json=check(**changes))
    assert (refused.status_code, refused.json()["code"]) == (status, code)


async def test_a_check_sent_again_is_recognised_even_at_once(scene: Scene) -> None:
    draft = check(id=str(uuid7()), division_code=VILLAGE, answers=[failed("A2-07", "收益未公示")])
    address = f"{scene.path}/checks"
    answers = await asyncio.gather(*(scene.village.post(address, json=draft) for _ in range(3)))
    assert sorted(each.status_code for each in answers) == [200, 200, 201]
    assert len((await scene.village.get("/findings")).json()["items"]) == 1
    other = await scene.village.post(address, json=draft | {"officer": "别人"})
    assert other.json()["code"] == "check_id_reused"
    assert len((await scene.county.get(f"{address}?division={TOWN}")).json()["items"]) == 1


async def test_what_nobody_has_checked_is_listed_place_by_place(scene: Scene) -> None:
    _station, counter = await entered(scene, STATION, COUNTER)
    address = f"{scene.path}/unchecked"
    listed = (await scene.county.get(address)).json()["items"]
    assert [(each["kind"], each["name"]) for each in listed] == [
        ("counter", COUNTER["name"]),
        ("village", "八里村"),
        ("photovoltaic_station", STATION["name"]),
        ("village", "蒙村"),
        ("village", "小湖村"),
    ]
    first = (await scene.county.get(f"{address}?limit=3")).json()
    rest = (await scene.county.get(f"{address}?limit=3&cursor={first['next']}")).json()
    assert ([*first["items"], *rest["items"]], rest["next"]) == (listed, None)
    for changes in (
        {"object_id": counter["id"], "answers": [{"item": "A5-03", "ok": True}]},
        {"division_code": NEXT_VILLAGE, "answers": [{"item": "A7-03", "ok": True}]},
    ):
        assert (await scene.county.post(f"{scene.path}/checks", json=check(**changes))).status_code == 201
    left = (await scene.town.get(address)).json()["items"]
    assert [each["name"] for each in left] == ["八里村", STATION["name"]]


async def test_a_finding_raised_by_hand_may_be_an_objects_and_a_repeat_is_known_by_it(scene: Scene) -> None:
    (station,) = await entered(scene, STATION)
    by_hand = {"item": "A2-05", "division_code": None, "object_id": station["id"]}
    first = await raised(scene, **by_hand)
    assert (first["division_code"], first["object_name"]) == (VILLAGE, STATION["name"])
    for caller, name, body in (
        (scene.village, "plan", PLAN),
        (scene.village, "rectification", DONE),
        (scene.county, "verification", {}),
    ):
        first = (await move(caller, first, name, body)).json()
    scene.service.clock.moment = on(18)
    again = await scene.village.post(
        f"{scene.path}/checks",
        json=check(
            object_id=station["id"],
            checked_at="2021-06-18T08:00:00+08:00",
            answers=[failed("A2-05", "又停机")],
        ),
    )
    finding = (await scene.village.get(f"/findings/{again.json()['finding_ids'][0]}")).json()
    assert finding["repeats"] == first["id"]
