"""Classified support of lifted households: the village proposes, the town checks, the county decides."""

from __future__ import annotations

from typing import Any

import pytest

from shared.keys import uuid7
from tests.services.monitoring.classifying import HERE, decided, lifted, of, told
from tests.services.monitoring.conftest import (
    COUNTY,
    TOWN,
    Scene,
    household,
    move,
)
from tests.services.monitoring.journey import monitored


async def test_the_rules_suggest_a_class_for_each_household_and_say_why(scene: Scene) -> None:
    rich, fair, poor = lifted("20000"), lifted("9000"), lifted("7000")
    await scene.known(rich, fair, poor, household())
    suggested = (await scene.village.get("/support-classes/suggestions", params=HERE | {"limit": 2})).json()
    assert len(suggested["items"]) == 2
    rest = await scene.village.get(
        "/support-classes/suggestions", params=HERE | {"cursor": suggested["next"], "limit": 2}
    )
    found = {each["household_id"]: each for each in suggested["items"] + rest.json()["items"]}
    assert {key: each["support_class"] for key, each in found.items()} == {
        str(rich.id): "guided",
        str(fair.id): "developed",
        str(poor.id): "consolidated",
    }
    assert found[str(fair.id)]["reasons"] == [
        {
            "id": "income_unsteady",
            "zh": "人均纯收入不足监测范围的 2 倍",
            "en": "income below twice the income line",
        }
    ]


async def test_a_village_proposes_the_town_checks_and_the_county_decides(scene: Scene) -> None:
    fair = lifted("9000")
    await scene.known(lifted("20000"), fair, lifted("7000"), household())
    assert (await scene.village.post("/support-classes/proposals", json=HERE)).json()["done"] == 3
    # Asked again, nothing is proposed twice.
    assert (await scene.village.post("/support-classes/proposals", json=HERE)).json()["done"] == 0
    address = f"/support-classes/{(await of(scene, fair))['id']}"
    await move(scene.town, f"{address}/check", {"on": "2021-06-10"})
    shown = await move(scene.county, f"{address}/decision", {})
    assert (shown["stage"], shown["decided_class"], shown["previous_class"]) == ("decided", "developed", None)
    assert (shown["proposed_by"], shown["checked_by"], shown["decided_by"]) == (
        "village-1",
        "town-1",
        "county-1",
    )
    assert (shown["facts"]["income_per_capita"], shown["facts"]["income_line"]) == ("9000.00", "6000")
    story = (await scene.county.get(f"{address}/history")).json()["items"]
    assert [each["by"] for each in story] == ["village-1", "town-1", "county-1"]
    (event,) = await told(scene, "household_classified")
    assert (event["data"]["decided_class"], event["sequence"]) == ("developed", 3)


async def test_steps_of_a_whole_village_equal_those_of_each_household(scene: Scene) -> None:
    homes = [lifted(income) for income in ("20000", "9000", "7000", None)]
    await decided(scene, *homes)
    one = lifted("9000")
    await scene.known(one)
    await scene.village.post("/support-classes", json={"household_id": str(one.id), "year": 2021})
    address = f"/support-classes/{(await of(scene, one))['id']}"
    await move(scene.town, f"{address}/check")
    await move(scene.county, f"{address}/decision")
    in_bulk, singly = await of(scene, homes[1]), await of(scene, one)
    own = {"id", "household_id", "changed_at"}
    assert {name: in_bulk[name] for name in set(in_bulk) - own} == {
        name: singly[name] for name in set(singly) - own
    }
    assert len(await told(scene, "household_classified")) == 5


async def test_nobody_decides_on_their_own_words(scene: Scene) -> None:
    mine, theirs = lifted(), lifted()
    await scene.known(mine, theirs)
    # A county officer may take any of the three parts, but only one of them.
    draft = {"household_id": str(mine.id), "year": 2021}
    await scene.county.post("/support-classes", json=draft)
    await scene.village.post("/support-classes", json=draft | {"household_id": str(theirs.id)})
    address = f"/support-classes/{(await of(scene, mine))['id']}"
    assert (await move(scene.county, f"{address}/check", expect=409))["code"] == "same_person"
    answer = await scene.county.post("/support-classes/checks", json=HERE)
    assert answer.json() == {"done": 1, "left": 1}
    assert (await of(scene, theirs))["stage"] == "checked"
    await move(scene.town, f"{address}/check")
    for who, left in ((scene.county, 2), (scene.other_county, 0)):
        answer = await who.post("/support-classes/decisions", json=HERE)
        assert answer.json() == {"done": 2 - left, "left": left}
    for person, step in ((scene.village, "check"), (scene.town, "decision")):
        assert (
            await person.post(f"{address}/{step}", json={}, headers={"If-Match": '"1"'})
        ).status_code == 403


async def test_what_is_sent_back_says_why_and_is_proposed_anew(scene: Scene) -> None:
    home = await scene.known(lifted("9000"))
    await scene.village.post("/support-classes/proposals", json=HERE)
    address = f"/support-classes/{(await of(scene, home))['id']}"
    shown = await move(scene.town, f"{address}/return", {"reason": "收入漏记务工工资"})
    assert (shown["stage"], shown["returned_for"], shown["returned_by"]) == (
        "returned",
        "收入漏记务工工资",
        "town-1",
    )
    draft = {"household_id": str(home.id), "year": 2021, "support_class": "guided"}
    refused = await scene.village.post("/support-classes", json=draft)
    assert (refused.status_code, refused.json()["code"]) == (422, "why_another")
    again = await scene.village.post("/support-classes", json=draft | {"why": "补记工资后已超两倍"})
    assert again.status_code == 201, again.text
    assert again.headers["location"] == address
    assert (again.json()["proposed_class"], again.json()["suggested_class"]) == ("guided", "developed")
    assert again.json()["returned_for"] is None
    listed = await scene.county.get("/support-classes", params={"differs": True})
    assert [each["id"] for each in listed.json()["items"]] == [again.json()["id"]]
    await move(scene.town, f"{address}/return", {"reason": "再核实"})
    assert (await scene.village.post("/support-classes/proposals", json=HERE)).json()["done"] == 1
    assert (await of(scene, home))["proposed_class"] == "developed"


@pytest.mark.parametrize(
    ("path", "draft", "status", "code"),
    [
        pytest.param("", {"year": 2020}, 422, "year_not_open", id="a year that is over"),
        pytest.param("", {"year": 2023}, 422, "year_not_open", id="a year too far ahead"),
        pytest.param("", {"on": "2021-06-11"}, 422, "date_in_future", id="a day ahead"),
        pytest.param("", {"support_class": "kind"}, 422, "invalid", id="an unknown class"),
        pytest.param("", {"household_id": str(uuid7())}, 404, "household_unknown", id="nobody's household"),
        pytest.param("/proposals", {"year": 2020}, 422, "year_not_open", id="a village's year that is over"),
        pytest.param("/proposals", {"division": TOWN}, 422, "village_needed", id="a town proposes nothing"),
    ],
)
async def test_what_cannot_be_proposed_is_refused(
    scene: Scene, path: str, draft: dict[str, Any], status: int, code: str
) -> None:
    home = await scene.known(lifted())
    form = HERE if path else {"household_id": str(home.id), "year": 2021}
    answer = await scene.village.post(f"/support-classes{path}", json=form | draft)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


async def test_only_lifted_households_that_are_not_watched_have_a_class(scene: Scene) -> None:
    general, watched = household(), lifted("5000")
    await scene.known(general, watched)
    await monitored(scene, watched.id)
    for home in (general, watched):
        draft = {"household_id": str(home.id), "year": 2021}
        answer = await scene.village.post("/support-classes", json=draft)
        assert (answer.status_code, answer.json()["code"]) == (409, "nothing_to_classify")
    for who, step in ((scene.town, "checks"), (scene.county, "decisions")):
        answer = await who.post(f"/support-classes/{step}", json=HERE | {"division": COUNTY})
        assert (answer.status_code, answer.json()["code"]) == (422, "village_needed")
    answer = await scene.village.get("/support-classes/suggestions", params=HERE | {"division": TOWN})
    assert (answer.status_code, answer.json()["code"]) == (422, "village_needed")


async def test_each_step_out_of_turn_is_refused_by_its_name(scene: Scene) -> None:
    home = await scene.known(lifted())
    await scene.village.post("/support-classes/proposals", json=HERE)
    address = f"/support-classes/{(await of(scene, home))['id']}"
    early = await move(scene.county, f"{address}/decision", expect=409)
    assert early["code"] == "class_not_checked"
    await move(scene.town, f"{address}/check")
    assert (await move(scene.town, f"{address}/check", expect=409))["code"] == "class_not_proposed"
    draft = {"household_id": str(home.id), "year": 2021}
    answer = await scene.village.post("/support-classes", json=draft)
    assert (answer.status_code, answer.json()["code"]) == (409, "class_checked")
    before = await move(scene.county, f"{address}/decision", {"on": "2021-06-09"}, expect=422)
    assert before["code"] == "date_out_of_order"
    stale = await scene.county.post(f"{address}/decision", json={}, headers={"If-Match": '"1"'})
    assert stale.status_code == 412
    await move(scene.county, f"{address}/decision")
    assert (await move(scene.town, f"{address}/return", {"reason": "x"}, expect=409))[
        "code"
    ] == "no_class_pending"
    nobody = await scene.county.get(f"/support-classes/{uuid7()}")
    assert nobody.status_code == 404
