"""The inbox at work: what comes first, who looks into it, whose eyes agree, and what goes back to the sender."""

from __future__ import annotations

from typing import Any

import pytest

from services.monitoring.clues.priority import priority_of
from services.monitoring.replicas.model import HouseholdReplica
from shared.contracts.inspection import HouseholdVisited
from shared.keys import uuid7
from tests.services.monitoring.conftest import (
    NUMBER,
    OTHER_VILLAGE,
    VILLAGE,
    Scene,
    household,
    morning,
    move,
    numbered,
)


def home(**facts: Any) -> HouseholdReplica:
    return HouseholdReplica(
        id=uuid7(), number="1", division_code=VILLAGE, kind="general", member_count=3, sequence=1, **facts
    )


@pytest.mark.check
@pytest.mark.parametrize(
    ("risk", "sources", "facts", "level"),
    [
        pytest.param("illness", ["inspection"], {}, 3, id="one source, an ordinary household"),
        pytest.param("disaster", ["inspection"], {}, 1, id="a disaster"),
        pytest.param("illness", ["self_application"], {}, 1, id="the household asks itself"),
        pytest.param("illness", ["inspection", "department"], {}, 2, id="two sources"),
        pytest.param("illness", ["inspection"], {"minimum_living": True}, 2, id="minimum living"),
        pytest.param("illness", ["inspection"], {"housing_grade": "D"}, 2, id="a house that may fall"),
        pytest.param("illness", ["inspection"], {"water_safe": False}, 2, id="no safe water"),
        pytest.param("illness", ["inspection"], {"water_safe": None, "housing_grade": "B"}, 3, id="unknown"),
    ],
)
def test_how_urgent_a_clue_is(risk: str, sources: list[str], facts: dict[str, Any], level: int) -> None:
    found = priority_of(risk, sources, home(**facts), morning(2021, 6, 10).date())
    assert found.level == level
    assert found.rule == "2021.1"
    assert found.zh
    assert found.en


async def test_the_most_urgent_and_nearest_to_its_limit_comes_first(scene: Scene) -> None:
    homes = [household(number=str(n)) for n in range(4)]
    await scene.known(*homes)
    ordinary = await scene.clue(homes[0].id, received_on="2021-06-09")
    later = await scene.clue(homes[1].id)
    disaster = await scene.clue(homes[2].id, risk_type="disaster")
    settled = await scene.clue(homes[3].id, risk_type="accident")
    await move(scene.village, f"/clues/{settled['clue_id']}/acceptance", {"verdict": "属实"}, expect=201)
    listed = (await scene.town.get("/clues?order=urgency")).json()["items"]
    expected = [disaster["clue_id"], ordinary["clue_id"], later["clue_id"]]
    assert [each["id"] for each in listed] == expected
    assert [(each["priority"], each["age"]) for each in listed] == [(1, 0), (3, 1), (3, 0)]
    pages: list[str] = []
    cursor = ""
    while cursor is not None:
        page = (await scene.town.get(f"/clues?order=urgency&limit=1{cursor and '&cursor=' + cursor}")).json()
        pages += [each["id"] for each in page["items"]]
        cursor = page["next"]
    assert pages == expected
    urgent = (await scene.town.get("/clues?priority=1&order=urgency")).json()["items"]
    assert [each["id"] for each in urgent] == [disaster["clue_id"]]


async def test_another_source_makes_it_more_urgent(scene: Scene) -> None:
    known = await scene.known(household())
    clue = await scene.clue(known.id)
    await scene.clue(known.id, scene.town, source="public")
    shown = (await scene.town.get(f"/clues/{clue['clue_id']}")).json()
    assert (shown["priority"], shown["priority_en"]) == (2, "several sources tell of the same risk")


async def test_clues_are_given_to_somebody_in_sets(scene: Scene) -> None:
    here, there = household(), household(OTHER_VILLAGE)
    await scene.known(here, there)
    first, second = await scene.clue(here.id), await scene.clue(here.id, risk_type="water")
    far = await scene.clue(there.id, scene.county)
    named = {"assignee": "张强", "clue_ids": [first["clue_id"], far["clue_id"]]}
    assert (await scene.village.post("/clues/assignments", json=named)).json() == {"assigned": 1}
    rest = {"assignee": "李敏", "division": VILLAGE}
    assert (await scene.town.post("/clues/assignments", json=rest)).json() == {"assigned": 1}
    assert (await scene.town.post("/clues/assignments", json=rest)).json() == {"assigned": 0}
    of = {
        name: [each["id"] for each in (await scene.county.get(f"/clues?{query}")).json()["items"]]
        for name, query in (("zhang", "assignee=张强"), ("li", "assignee=李敏"), ("none", "unassigned=true"))
    }
    assert of == {"zhang": [first["clue_id"]], "li": [second["clue_id"]], "none": [far["clue_id"]]}
    shown = (await scene.village.get(f"/clues/{first['clue_id']}")).json()
    assert (shown["status"], shown["assigned_on"]) == ("assigned", "2021-06-10")
    accepted = await move(
        scene.village, f"/clues/{first['clue_id']}/acceptance", {"verdict": "属实"}, expect=201
    )
    assert accepted["case_id"]
    for wrong in ({"assignee": "张强"}, named | {"division": VILLAGE}):
        assert (await scene.town.post("/clues/assignments", json=wrong)).status_code == 422


async def test_who_dismisses_does_not_agree_with_themselves(scene: Scene) -> None:
    known = await scene.known(household())
    address = f"/clues/{(await scene.clue(known.id))['clue_id']}"
    none = await move(scene.town, f"{address}/dismissal/confirmation", expect=409)
    assert none["code"] == "no_dismissal"
    await move(scene.town, f"{address}/dismissal", {"reason": "已报销"})
    refused = await move(scene.town, f"{address}/dismissal/confirmation", expect=409)
    assert refused["code"] == "same_person_dismisses"
    assert (await move(scene.village, f"{address}/dismissal/confirmation", expect=403))["code"] == "forbidden"
    waiting = (await scene.county.get("/clues?dismissal_pending=true")).json()["items"]
    assert len(waiting) == 1
    shown = await move(scene.county, f"{address}/dismissal/confirmation")
    assert (shown["status"], shown["dismissal_by"], shown["settled_by"]) == (
        "dismissed",
        "town-1",
        "county-1",
    )


async def test_a_dismissal_that_is_turned_down_is_looked_into_again(scene: Scene) -> None:
    known = await scene.known(household())
    address = f"/clues/{(await scene.clue(known.id))['clue_id']}"
    await move(scene.village, f"{address}/dismissal", {"reason": "已报销"})
    shown = await move(scene.town, f"{address}/dismissal/return", {"reason": "未见报销凭证"})
    assert (shown["status"], shown["dismissal"]) == ("received", None)
    await move(scene.village, f"{address}/dismissal", {"reason": "凭证已补"})
    assert (await move(scene.town, f"{address}/dismissal/confirmation"))["status"] == "dismissed"


async def test_news_takes_a_dismissal_off_the_table(scene: Scene) -> None:
    known = await scene.known(household())
    address = f"/clues/{(await scene.clue(known.id))['clue_id']}"
    await move(scene.village, f"{address}/dismissal", {"reason": "已报销"})
    await scene.clue(known.id, scene.town, source="public", facts="信访反映仍有大额支出")
    late = await move(scene.town, f"{address}/dismissal/confirmation", expect=409)
    assert late["code"] == "no_dismissal"


async def test_who_applied_themselves_is_visited_within_days_and_the_visit_is_known(scene: Scene) -> None:
    known = await scene.known(household())
    clue = await scene.clue(known.id, source="self_application")
    shown = (await scene.village.get(f"/clues/{clue['clue_id']}")).json()
    # Two working days: the Dragon Boat holiday lies between.
    assert (shown["visit_due_on"], shown["visited_on"]) == ("2021-06-15", None)
    assert len((await scene.town.get("/clues?visit_overdue=true")).json()["items"]) == 0
    scene.go_to(2021, 6, 16)
    assert len((await scene.town.get("/clues?visit_overdue=true")).json()["items"]) == 1
    visit = HouseholdVisited(
        id=uuid7(),
        division_code=VILLAGE,
        version=1,
        campaign_id=uuid7(),
        household_id=known.id,
        visited_at=morning(2021, 6, 16),
        officer="张强",
        failed_items=(),
        signals=(),
    )
    await scene.service.tell(visit, visit)
    shown = (await scene.village.get(f"/clues/{clue['clue_id']}")).json()
    assert shown["visited_on"] == "2021-06-16"
    assert (await scene.town.get("/clues?visit_overdue=true")).json()["items"] == []


async def test_the_verdict_goes_back_to_whoever_sent_it(scene: Scene) -> None:
    known = await scene.known(household(members=(numbered(),)))
    draft = {"identity_number": NUMBER, "risk_type": "illness", "source": "province", "facts": "预警"}
    sent = (await scene.province.post("/clues", json=draft | {"reference": "P-7"})).json()
    await scene.clue(known.id, risk_type="water")
    (open_one,) = (await scene.province.get("/clues/sent")).json()["items"]
    assert (open_one["reference"], open_one["status"], open_one["verdict"]) == ("P-7", "received", None)
    address = f"/clues/{sent['clue_id']}"
    await move(scene.village, f"{address}/dismissal", {"reason": "自付已封顶"})
    (open_one,) = (await scene.province.get("/clues/sent")).json()["items"]
    assert open_one["verdict"] is None, "it is no verdict before another person agrees"
    await move(scene.town, f"{address}/dismissal/confirmation")
    (settled,) = (await scene.province.get("/clues/sent")).json()["items"]
    assert (settled["clue_id"], settled["verdict"]) == (sent["clue_id"], "自付已封顶")
    assert "sender_id" not in str((await scene.town.get(address)).json())
