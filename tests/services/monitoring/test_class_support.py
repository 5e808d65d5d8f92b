"""What a class brings: support by it, who has none, who changed or left, how far a place is."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from shared.contracts.household import HouseholdChanged, HouseholdRehomed
from shared.domain.division import town_of
from tests.clients import outbox_of
from tests.services.monitoring import forms
from tests.services.monitoring.classifying import HERE, decided, lifted, of, told
from tests.services.monitoring.conftest import (
    COUNTY,
    OTHER_TOWN,
    OTHER_VILLAGE,
    TOWN,
    VILLAGE,
    Scene,
    household,
    move,
)
from tests.services.monitoring.filing import papers
from tests.services.monitoring.journey import eliminated, monitored


async def test_who_comes_under_watch_leaves_the_classes_and_comes_back_after_elimination(
    scene: Scene,
) -> None:
    home = lifted("20000")
    await decided(scene, home)
    thing = await monitored(scene, home.id)
    shown = await of(scene, home)
    assert (shown["stage"], shown["departure"], shown["decided_class"]) == ("left", "monitored", None)
    (event,) = await told(scene, "class_changed")
    assert (event["data"]["previous_class"], event["data"]["departure"]) == ("guided", "monitored")
    await eliminated(scene, thing)
    assert (await scene.village.post("/support-classes/proposals", json=HERE)).json()["done"] == 1
    shown = await of(scene, home)
    assert (shown["stage"], shown["proposed_class"], shown["left_on"]) == ("proposed", "consolidated", None)
    assert (shown["previous_class"], shown["facts"]["facts"]) == ("guided", ["risk_eliminated"])
    await scene.town.post("/support-classes/checks", json=HERE)
    await scene.county.post("/support-classes/decisions", json=HERE)
    # The risk comes back: it leaves again.
    again = {"risk_type": "illness", "cause": "病情反复", "evidence": ["诊断书"]}
    await move(scene.town, f"{thing}/retagging", again)
    await move(scene.county, f"{thing}/retagging/confirmation", forms.APPROVAL)
    shown = await of(scene, home)
    assert (shown["stage"], shown["previous_class"]) == ("left", "consolidated")


@pytest.mark.parametrize(
    ("change", "departure"), [({"kind": "general"}, "not_lifted"), ({"members": ()}, "gone")], ids=str
)
async def test_the_registrys_news_takes_a_household_out(
    scene: Scene, change: dict[str, Any], departure: str
) -> None:
    home, other = lifted(), lifted()
    await decided(scene, home, other)
    news = HouseholdChanged(**(home.model_dump() | change | {"version": 2}))
    await scene.service.tell(news)
    await scene.service.tell(news)
    assert ((await of(scene, home))["stage"], (await of(scene, home))["departure"]) == ("left", departure)
    assert (await of(scene, other))["stage"] == "decided"
    assert len(await told(scene, "class_changed")) == 1


async def test_next_years_class_knows_this_years_and_those_who_changed_are_listed(scene: Scene) -> None:
    risen, same = lifted("9000"), lifted("9000")
    await decided(scene, risen, same)
    scene.go_to(2022, 1, 10)
    news = risen.model_dump() | {"income_per_capita": "30000", "version": 2}
    await scene.service.tell(HouseholdChanged(**news))
    year = HERE | {"year": 2022}
    missing = await scene.village.get("/support-classes/missing", params=year | {"count": "exact"})
    assert missing.json()["total"] == 2
    await scene.village.post("/support-classes/proposals", json=year)
    await scene.town.post("/support-classes/checks", json=year)
    stages = [
        each["stage"]
        for each in (await scene.village.get("/support-classes/missing", params=year)).json()["items"]
    ]
    assert stages == ["checked", "checked"]
    await scene.county.post("/support-classes/decisions", json=year)
    assert (await scene.village.get("/support-classes/missing", params=year)).json()["items"] == []
    changed = (await scene.county.get("/support-classes", params={"changed": True})).json()["items"]
    assert [(each["previous_class"], each["decided_class"]) for each in changed] == [("developed", "guided")]
    assert (await of(scene, same, 2022))["previous_class"] == "developed"
    assert (await of(scene, risen, 2021))["decided_class"] == "developed"
    counted = (await scene.county.get("/support-classes/progress", params=year)).json()["total"]
    assert (counted["changed"], counted["by_class"]) == (1, {"guided": 1, "developed": 1})


async def test_progress_equals_a_recount_town_by_town(scene: Scene) -> None:
    here = [lifted(income) for income in ("20000", "9000", "7000", "8000")]
    there = [lifted("9000", OTHER_VILLAGE) for _ in range(3)]
    await decided(scene, *here[:3])
    await scene.known(here[3], *there, household(), household(OTHER_VILLAGE))
    await scene.county.post("/support-classes/proposals", json=HERE | {"division": OTHER_VILLAGE})
    await monitored(scene, here[3].id)
    shown = (await scene.county.get("/support-classes/progress", params=HERE | {"division": COUNTY})).json()
    classes = (await scene.county.get("/support-classes", params={"year": 2021})).json()["items"]
    stages: dict[str, Counter[str]] = {TOWN: Counter(), OTHER_TOWN: Counter()}
    for each in classes:
        if each["stage"] != "left":
            stages[town_of(each["division_code"])][each["stage"]] += 1
    assert {line["division_code"]: line["by_stage"] for line in shown["lines"]} == stages
    assert {line["division_code"]: line["households"] for line in shown["lines"]} == {TOWN: 3, OTHER_TOWN: 3}
    total = shown["total"]
    assert (total["households"], total["classified"], total["name"]) == (6, 3, "濉溪县")
    assert total["by_class"] == {"guided": 1, "developed": 1, "consolidated": 1}
    villages = (await scene.town.get("/support-classes/progress", params=HERE | {"division": TOWN})).json()
    assert [line["division_code"] for line in villages["lines"]] == [VILLAGE]
    # Another town's households are not there for this one.
    mine = (await scene.town.get("/support-classes/progress", params=HERE | {"division": COUNTY})).json()
    assert [line["division_code"] for line in mine["lines"]] == [TOWN]


async def lacking(scene: Scene) -> list[str]:
    listed = await scene.village.get("/support-classes", params={"unsupported": True})
    return [each["household_id"] for each in listed.json()["items"]]


async def test_what_each_class_asks_for_is_data_with_a_source(scene: Scene) -> None:
    answer = await scene.village.get("/support-classes/support", params={"division": VILLAGE})
    support = answer.json()["items"]
    asks = {each["support_class"]: bool(each["measures"]) for each in support}
    assert asks == {"guided": False, "developed": True, "consolidated": True}
    assert all(each["source"] and each["zh"] and each["en"] for each in support)


async def test_support_is_planned_without_an_object_and_who_lacks_it_is_listed(scene: Scene) -> None:
    steady, ordinary = lifted("20000"), lifted("9000")
    await decided(scene, steady, ordinary)
    assert await lacking(scene) == [str(ordinary.id)]
    path = f"/support-classes/{(await of(scene, ordinary))['id']}/measures"
    draft = {"kind": "industry", "description": "发展肉羊养殖", "funds_planned": "8000"}
    stopped = (await scene.village.post(path, json=draft)).json()
    assert await lacking(scene) == []
    await move(scene.village, f"/measures/{stopped['id']}/stop", {"reason": "羊舍未批"})
    assert await lacking(scene) == [str(ordinary.id)]
    planned = await scene.village.post(path, json=draft)
    assert (planned.status_code, planned.json()["monitored_id"]) == (201, None)
    assert await lacking(scene) == []
    address = f"/measures/{planned.json()['id']}"
    (photo,) = await papers(scene, ordinary.id, "photo")
    done = await move(scene.village, f"{address}/completion", {"effect": "年增收六千元", "papers": [photo]})
    assert done["status"] == "done"
    filed = (await scene.village.get("/papers", params={"of": done["id"]})).json()["items"]
    assert [each["id"] for each in filed] == [photo]
    mine = [stopped["id"], done["id"]]
    assert [each["id"] for each in (await scene.village.get(path)).json()["items"]] == mine
    for wanted, found in (
        ({"monitored": False}, mine),
        ({"monitored": True}, []),
        ({"household_id": str(steady.id)}, []),
    ):
        listed = await scene.county.get("/measures", params=wanted)
        assert [each["id"] for each in listed.json()["items"]] == found
    events = await told(scene, "support_planned", "support_changed", "measure_planned")
    kinds = [str(each["type"]).split(".")[1] for each in events]
    assert kinds == ["support_planned", "support_changed"] * 2


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        pytest.param({"risk_type": "illness"}, "risk_not_open", id="against a risk that nobody tagged"),
        pytest.param({"kind": "employment"}, "person_needed", id="work for nobody"),
        pytest.param({"kind": "credit", "funds_planned": "50001"}, "too_much_credit", id="too much credit"),
        pytest.param({"planned_on": "2021-06-09"}, "date_out_of_order", id="before the decision"),
    ],
)
async def test_support_fits_or_is_refused_as_every_measure(
    scene: Scene, changes: dict[str, Any], code: str
) -> None:
    home = lifted("9000")
    await decided(scene, home)
    path = f"/support-classes/{(await of(scene, home))['id']}/measures"
    draft = {"kind": "industry", "description": "发展肉羊养殖"}
    assert (await scene.village.post(path, json=draft | changes)).json()["code"] == code


async def test_support_waits_for_the_decision(scene: Scene) -> None:
    home = await scene.known(lifted("9000"))
    await scene.village.post("/support-classes/proposals", json=HERE)
    path = f"/support-classes/{(await of(scene, home))['id']}/measures"
    answer = await scene.village.post(path, json={"kind": "industry", "description": "养羊"})
    assert (answer.status_code, answer.json()["code"]) == (409, "not_classified")


async def test_a_class_and_its_support_follow_their_household(scene: Scene) -> None:
    home = lifted("9000")
    await decided(scene, home)
    path = f"/support-classes/{(await of(scene, home))['id']}"
    await scene.village.post(f"{path}/measures", json={"kind": "industry", "description": "养羊"})
    there = home.model_dump() | {"division_code": OTHER_VILLAGE, "version": 2}
    rehomed = HouseholdRehomed(
        household_id=home.id,
        division_code=VILLAGE,
        into_code=OTHER_VILLAGE,
        happened_on="2021-06-12",
        version=2,
    )
    await scene.service.tell(HouseholdChanged(**there), rehomed)
    new_town = await scene.service.caller("town_officer", OTHER_TOWN)
    for address in (path, f"{path}/measures", f"{path}/history"):
        assert (await new_town.get(address)).status_code == 200, address
        assert (await scene.town.get(address)).status_code == 404, address
    moved = [each for each in await outbox_of(scene.service) if each["area"] == OTHER_VILLAGE]
    assert [each["type"] for each in moved] == [
        "monitoring.support_changed.v1",
        "monitoring.class_changed.v1",
    ]
    assert moved[1]["data"]["decided_class"] == "developed"
