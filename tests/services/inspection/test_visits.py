"""Visits: the prefilled form, what is recorded, and what comes of it."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from shared.contracts.household import HouseholdChanged
from shared.contracts.monitoring import EpisodeState, HouseholdTagged, RiskEliminated
from shared.keys import uuid7
from tests.clients import outbox_of
from tests.services.inspection.conftest import (
    NEXT_VILLAGE,
    TOWN,
    Scene,
    failed,
    household,
    on,
    visit,
)


async def items_of(scene: Scene, registered: Any) -> dict[str, list[dict[str, Any]]]:
    form = await scene.village.get(f"{scene.path}/visits/form", params={"household_id": str(registered.id)})
    assert form.status_code == 200, form.text
    items: dict[str, list[dict[str, Any]]] = {}
    for item in form.json()["items"]:
        items.setdefault(item["item"], []).append(item)
    return items


async def test_the_form_knows_what_the_registry_knows(scene: Scene) -> None:
    lifted = household()
    await scene.add(lifted)
    items = await items_of(scene, lifted)
    assert items["A1-03"][0]["known"] == {"housing_grade": "B"}
    assert items["A8-01"][0]["known"] == {"responsible_official": "赵敏"}
    assert [item["member_name"] for item in items["A1-01"]] == ["王小雨"]
    assert [item["member_name"] for item in items["A3-01"]] == ["王建国"]
    assert items["A3-01"][0]["known"]["work_place"] == "outside"
    assert {"A7-02", "A7-06", "A8-02", "A1-05", "A2-02"}.isdisjoint(items)


async def test_items_about_monitoring_follow_what_monitoring_tells(scene: Scene) -> None:
    general = household(kind="general")
    await scene.add(general)
    assert "A7-05" in await items_of(scene, general)
    state = {
        "id": uuid7(),
        "division_code": general.division_code,
        "household_id": general.id,
        "category": "marginal",
        "tagged_on": "2020-05-01",
        "contact": "孙立",
    }
    risk = EpisodeState(id=uuid7(), risk_type="illness", tagged_on="2020-05-01")
    await scene.service.tell(HouseholdTagged(**state, status="monitored", episodes=(risk,), version=1))
    items = await items_of(scene, general)
    assert {"A7-02", "A8-02"} <= items.keys()
    assert "A7-05" not in items
    assert items["A8-02"][0]["known"] == {"contact": "孙立"}
    assert items["A7-02"][0]["known"] == {"open_risks": ["illness"]}
    await scene.service.tell(RiskEliminated(**state, status="eliminated", episodes=(), version=2))
    assert "A7-06" in await items_of(scene, general)


async def test_an_older_event_changes_nothing(scene: Scene) -> None:
    lifted = household(version=3, housing_grade="A")
    await scene.add(lifted)
    older = HouseholdChanged(**lifted.model_dump() | {"version": 2, "housing_grade": "D"})
    await scene.service.tell(older)
    assert (await items_of(scene, lifted))["A1-03"][0]["known"] == {"housing_grade": "A"}


async def test_the_next_form_shows_what_the_last_visit_found(scene: Scene) -> None:
    lifted = household()
    await scene.add(lifted)
    recorded = await scene.visit(
        lifted,
        answers=[failed("A1-04", "水压不足"), {"item": "A1-03", "ok": True}],
        corrections={"water_safe": False},
    )
    assert recorded.status_code == 201, recorded.text
    address = f"{scene.path}/visits/form?household_id={lifted.id}"
    async with scene.service.statements() as sent:
        form = (await scene.village.get(address)).json()
    last = {item["item"]: item["last"] for item in form["items"]}
    assert last["A1-04"] == {
        "ok": False,
        "value": False,
        "facts": "水压不足",
        "visited_on": "2021-06-09",
    }
    assert last["A1-03"]["ok"] is True
    assert not form["first"]
    assert form["last_corrections"] == {"water_safe": False}
    assert [finding["item"] for finding in form["open_findings"]] == ["A1-04"]
    assert len(sent) <= 9, sent


async def test_a_failed_item_becomes_a_finding_with_the_items_severity_and_deadline(scene: Scene) -> None:
    lifted = household()
    await scene.add(lifted)
    daughter = str(lifted.members[1].id)
    recorded = await scene.visit(lifted, answers=[failed("A1-01", "辍学在家", member_id=daughter)])
    finding_id = recorded.json()["finding_ids"][0]
    finding = (await scene.village.get(f"/findings/{finding_id}")).json()
    # Five working days from Wednesday 9 June; 14 June was the Dragon Boat holiday.
    assert finding["deadline_on"] == "2021-06-17"
    assert (finding["severity"], finding["status"], finding["source"]) == ("critical", "raised", "visit")
    assert (finding["object_kind"], finding["object_name"], finding["member_id"]) == (
        "person",
        "王小雨",
        daughter,
    )
    assert finding["raised_by"] == "张强"


async def test_what_is_corrected_on_the_spot_is_closed_at_once(scene: Scene) -> None:
    lifted = household()
    await scene.add(lifted)
    spot = {"measure": "当场更换水龙头", "evidence": ["照片3张"]}
    recorded = await scene.visit(lifted, answers=[failed("A1-04", "水龙头损坏", on_the_spot=spot)])
    finding = (await scene.village.get(f"/findings/{recorded.json()['finding_ids'][0]}")).json()
    assert (finding["status"], finding["on_the_spot"], finding["closed_on"]) == ("closed", True, "2021-06-09")
    kinds = [event["type"] for event in await outbox_of(scene.service)]
    assert kinds[-3:] == [
        "inspection.household_visited.v1",
        "inspection.finding_raised.v1",
        "inspection.finding_closed.v1",
    ]
    visited = (await outbox_of(scene.service))[-3]["data"]
    assert isinstance(visited, dict)
    assert visited["signals"] == []


async def test_answers_that_meet_a_monitoring_criterion_go_out_as_signals(scene: Scene) -> None:
    lifted = household(kind="general")
    await scene.add(lifted)
    daughter = str(lifted.members[1].id)
    await scene.visit(
        lifted,
        answers=[failed("A1-01", "辍学", member_id=daughter), failed("A7-05", "收入低于监测范围")],
        signals=[{"risk_type": "illness", "facts": "自付医疗费3万元"}],
    )
    visited = [
        event["data"] for event in await outbox_of(scene.service) if "household_visited" in str(event["type"])
    ]
    signals = {(signal["risk_type"], signal["member_id"]) for signal in visited[0]["signals"]}
    assert signals == {("illness", None), ("education_guarantee", daughter)}


async def test_a_visit_sent_again_is_recorded_once(scene: Scene) -> None:
    lifted = household()
    await scene.add(lifted)
    draft = visit(lifted, id=str(uuid7()), answers=[failed("A1-04")])
    first = await scene.village.post(f"{scene.path}/visits", json=draft)
    again = await scene.village.post(f"{scene.path}/visits", json=draft)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    other = await scene.village.post(f"{scene.path}/visits", json=draft | {"officer": "别人"})
    assert other.json()["code"] == "visit_id_reused"
    findings = (await scene.village.get("/findings", params={"household_id": str(lifted.id)})).json()
    assert len(findings["items"]) == 1


async def test_a_second_visit_is_a_follow_up(scene: Scene) -> None:
    lifted = household()
    await scene.add(lifted)
    assert (await scene.visit(lifted)).json()["first"] is True
    assert (await scene.visit(lifted)).json()["first"] is False
    scene.service.clock.moment = on(20)
    late = await scene.visit(lifted, visited_at="2021-06-20T09:00:00+08:00")
    assert late.status_code == 201, late.text
    visits = (await scene.village.get(f"{scene.path}/visits", params={"household_id": str(lifted.id)})).json()
    assert [each["first"] for each in visits["items"]] == [True, False, False]


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        pytest.param(
            {"visited_at": "2021-06-08T09:00:00+08:00"}, 409, "outside_schedule", id="before fieldwork"
        ),
        pytest.param({"visited_at": "2021-06-11T09:00:00+08:00"}, 422, "visit_in_future", id="not yet made"),
        pytest.param({"answers": [failed("A9-99")]}, 422, "unknown_item", id="an item nobody knows"),
        pytest.param({"answers": [failed("A2-05")]}, 422, "not_asked_on_visit", id="an operator's item"),
        pytest.param({"answers": [failed("A1-01")]}, 422, "object_needed", id="a person's item about nobody"),
        pytest.param(
            {"answers": [failed("A1-01", member_id=str(uuid7()))]},
            422,
            "unknown_member",
            id="about a stranger",
        ),
        pytest.param({"answers": [failed("A1-03", "")]}, 422, "invalid", id="a failure without facts"),
        pytest.param({"household_id": str(uuid7())}, 404, "unknown_household", id="a household nobody knows"),
        pytest.param({"corrections": {"phone": "1"}}, 422, "invalid", id="a phone in the corrections"),
        pytest.param({"visited_at": "2021-06-09T09:00:00"}, 422, "invalid", id="a time without a zone"),
    ],
)
async def test_a_visit_is_refused(scene: Scene, changes: dict[str, Any], status: int, code: str) -> None:
    lifted = household()
    await scene.add(lifted)
    refused = await scene.visit(lifted, **changes)
    assert (refused.status_code, refused.json()["code"]) == (status, code)


async def test_a_towns_own_schedule_decides(scene: Scene) -> None:
    lifted = household()
    await scene.add(lifted)
    starts = {"mobilisation": (6, 9), "fieldwork": (10, 18), "rectification": (16, 26), "summary": (27, 28)}
    phases = [
        {"kind": kind, "starts_on": f"2021-06-{first:02}", "ends_on": f"2021-06-{last:02}"}
        for kind, (first, last) in starts.items()
    ]
    scheduled = await scene.town.put(f"{scene.path}/schedule", json={"division_code": TOWN, "phases": phases})
    assert scheduled.status_code == 200, scheduled.text
    assert (await scene.visit(lifted)).json()["code"] == "outside_schedule"
    assert (await scene.visit(lifted, visited_at="2021-06-10T08:30:00+08:00")).status_code == 201


async def test_after_the_campaign_what_was_sent_is_still_recognised(scene: Scene) -> None:
    lifted = household()
    await scene.add(lifted)
    known, late = visit(lifted, id=str(uuid7())), visit(lifted, id=str(uuid7()))
    await scene.village.post(f"{scene.path}/visits", json=known)
    await scene.county.post(f"{scene.path}/closing", headers={"If-Match": '"2"'})
    answer = await scene.village.post(f"{scene.path}/visits/batch", json={"visits": [known, late]})
    outcomes = answer.json()["outcomes"]
    assert [each["outcome"] for each in outcomes] == ["replayed", "refused"]
    assert outcomes[1]["problem"]["code"] == "campaign_not_open"


async def test_households_nobody_has_seen_are_listed(scene: Scene) -> None:
    seen, unseen, elsewhere = household(), household(), household(NEXT_VILLAGE)
    await scene.add(seen, unseen, elsewhere)
    await scene.visit(seen)
    listed = (await scene.village.get(f"{scene.path}/unvisited")).json()["items"]
    assert [each["id"] for each in listed] == [str(unseen.id)]
    town = (await scene.town.get(f"{scene.path}/unvisited?division={NEXT_VILLAGE}")).json()["items"]
    assert [each["id"] for each in town] == [str(elsewhere.id)]


async def test_two_officers_at_one_door_make_one_first_visit(scene: Scene) -> None:
    lifted = household()
    await scene.add(lifted)
    answers = await asyncio.gather(*(scene.visit(lifted, officer=f"officer {number}") for number in range(4)))
    assert [answer.status_code for answer in answers] == [201] * 4
    assert [answer.json()["first"] for answer in answers].count(True) == 1
