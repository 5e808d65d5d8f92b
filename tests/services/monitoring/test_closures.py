"""Closure: two people as everything else, never kin; what was under way ends with it, and no news is lost meanwhile."""

from __future__ import annotations

from typing import Any

import pytest

from services.monitoring.monitored.model import MonitoredObject
from tests.replaying import history_replays
from tests.services.monitoring import forms
from tests.services.monitoring.conftest import COUNTY, TOWN, Scene, household, move
from tests.services.monitoring.journey import (
    closed,
    eliminated,
    measure_done,
    monitored,
    monitored_with_kin,
)
from tests.services.monitoring.test_rehoming import OTHER_TOWN, belongs_elsewhere


async def test_nobody_closes_alone_and_the_watch_goes_on_until_another_confirms(scene: Scene) -> None:
    thing = await monitored(scene, (await scene.known(household())).id)
    early = await move(scene.county, f"{thing}/closure/confirmation", forms.APPROVAL, expect=409)
    assert early["code"] == "no_closure"
    proposed = await move(scene.county, f"{thing}/closure", forms.CLOSURE)
    assert (proposed["status"], proposed["open_risks"], proposed["closure"]) == (
        "monitored",
        ["illness"],
        None,
    )
    (waiting,) = proposed["closures"]
    assert (waiting["stage"], waiting["proposed_by_name"]) == ("proposed", "county-1")
    twice = await move(scene.other_county, f"{thing}/closure", forms.CLOSURE, expect=409)
    assert twice["code"] == "closure_pending"
    for step, form in (("confirmation", forms.APPROVAL), ("return", {"reason": "仍在本村"})):
        own = await move(scene.county, f"{thing}/closure/{step}", form, expect=409)
        assert own["code"] == "same_person", step
        below = await move(scene.town, f"{thing}/closure/{step}", form, expect=403)
        assert below["code"] == "forbidden", step
    shown = await move(scene.other_county, f"{thing}/closure/confirmation", forms.APPROVAL)
    assert (shown["status"], shown["closure"], shown["reason"]) == ("closed", "moved_away", "整户迁往外省")
    (done,) = shown["closures"]
    assert (done["stage"], done["decided_by_name"], done["decision"]) == ("approved", "county-2", "同意纳入")
    again = await move(scene.county, f"{thing}/closure", forms.CLOSURE, expect=409)
    assert again["code"] == "object_closed"
    await history_replays(scene.service, MonitoredObject, shown)


async def test_a_closure_that_is_turned_down_leaves_the_household_under_watch(scene: Scene) -> None:
    thing = await monitored(scene, (await scene.known(household())).id)
    await move(scene.town, f"{thing}/closure", forms.CLOSURE)
    shown = await move(scene.county, f"{thing}/closure/return", {"reason": "仅户主外出务工"})
    assert (shown["status"], shown["open_risks"]) == ("monitored", ["illness"])
    (kept,) = shown["closures"]
    assert (kept["stage"], kept["decision"]) == ("returned", "仅户主外出务工")
    late = await move(scene.county, f"{thing}/closure/confirmation", forms.APPROVAL, expect=409)
    assert late["code"] == "no_closure"
    assert (await closed(scene, thing))["status"] == "closed"


@pytest.mark.parametrize(
    "form",
    [
        pytest.param({"kind": "wrongly_identified", "reason": "识别有误"}, id="wrong, and not what"),
        pytest.param(forms.MISTAKEN | {"kind": "died_out"}, id="a mistake, and nothing wrong"),
    ],
)
async def test_what_was_wrong_is_said_where_the_identification_was(
    scene: Scene, form: dict[str, Any]
) -> None:
    thing = await monitored(scene, (await scene.known(household())).id)
    refused = await move(scene.town, f"{thing}/closure", form, expect=422)
    assert [fault["pointer"] for fault in refused["errors"]] == ["/mistake"]
    shown = await closed(scene, thing, **forms.MISTAKEN)
    assert (shown["closure"], shown["closures"][0]["mistake"]) == ("wrongly_identified", "漏报县城商品房一套")


async def test_kin_neither_propose_nor_decide_a_closure(scene: Scene) -> None:
    home = await scene.known(household())
    thing = await monitored_with_kin(scene, home.id, "town-9", "county-9")
    town = await scene.service.caller("town_officer", TOWN, subject="town-9")
    county = await scene.service.caller("county_officer", COUNTY, subject="county-9")
    assert (await move(town, f"{thing}/closure", forms.CLOSURE, expect=409))["code"] == "kin_decides"
    await move(scene.town, f"{thing}/closure", forms.CLOSURE)
    for step, form in (("confirmation", forms.APPROVAL), ("return", {"reason": "仍在本村"})):
        refused = await move(county, f"{thing}/closure/{step}", form, expect=409)
        assert refused["code"] == "kin_decides", step
    await move(scene.county, f"{thing}/closure/confirmation", forms.APPROVAL)


async def test_what_is_told_while_a_closure_waits_gets_a_verdict_of_its_own(scene: Scene) -> None:
    home = await scene.known(household())
    thing = await monitored(scene, home.id)
    assert (await scene.clue(home.id))["outcome"] == "already_monitored"
    await move(scene.town, f"{thing}/closure", forms.CLOSURE)
    receipt = await scene.clue(home.id)
    assert receipt["outcome"] == "received"
    await move(scene.county, f"{thing}/closure/confirmation", forms.APPROVAL)
    verdict = {"verdict": "仍在本村，情况属实"}
    lead = await move(scene.village, f"/clues/{receipt['clue_id']}/acceptance", verdict, expect=201)
    assert lead["case_id"], "a household that was closed is identified anew"


async def test_a_closure_under_way_goes_along_to_another_village(scene: Scene) -> None:
    home = await scene.known(household())
    thing = await monitored(scene, home.id)
    await measure_done(scene, thing)
    scene.go_to(2021, 12, 20)
    await move(scene.village, f"{thing}/elimination", forms.STABLE)
    await move(scene.town, f"{thing}/closure", forms.CLOSURE)
    await belongs_elsewhere(scene, home)
    there = await scene.service.caller("town_officer", OTHER_TOWN, subject="town-2")
    shown = (await there.get(thing)).json()
    assert [len(shown[kind]) for kind in ("eliminations", "closures")] == [1, 1]
    assert (await move(there, f"{thing}/closure", forms.CLOSURE, expect=409))["code"] == "closure_pending"
    await move(there, f"{thing}/elimination/return", {"reason": "已迁入，重新核实"})


async def test_closing_ends_what_was_under_way_so_that_it_does_not_wait_for_the_next_time(
    scene: Scene,
) -> None:
    home = await scene.known(household())
    thing = await monitored(scene, home.id)
    await measure_done(scene, thing)
    scene.go_to(2021, 12, 20)
    await move(scene.village, f"{thing}/elimination", forms.STABLE)
    shown = await closed(scene, thing)
    assert [each["stage"] for each in shown["eliminations"]] == ["returned"]
    asked = {"deliberation": forms.GONE, "return": {"reason": "材料不全"}}
    for step in ("deliberation", "review", "approval", "return"):
        form = asked.get(step, forms.REVIEW)
        refused = await move(scene.county, f"{thing}/elimination/{step}", form, expect=409)
        assert refused["code"] == "no_elimination"
    assert await monitored(scene, home.id) == thing
    refused = await move(scene.town, f"{thing}/elimination/review", forms.REVIEW, expect=409)
    assert refused["code"] == "no_elimination"


async def test_closing_a_candidate_ends_its_retagging(scene: Scene) -> None:
    home = await scene.known(household())
    thing = await monitored(scene, home.id)
    await eliminated(scene, thing)
    await move(scene.town, f"{thing}/retagging", {"risk_type": "illness", "cause": "复发"})
    # Whoever verified may propose it: nothing is decided about the risk.
    shown = await closed(scene, thing)
    assert [each["stage"] for each in shown["retaggings"]] == ["returned"]
    for step in ("confirmation", "return"):
        form = forms.APPROVAL if step == "confirmation" else {"reason": "不属实"}
        refused = await move(scene.county, f"{thing}/retagging/{step}", form, expect=409)
        assert refused["code"] == "no_retagging"
