"""What visits find to be otherwise: proposed to the registry, and its answer shown to the officer."""

from __future__ import annotations

from typing import Any

from shared.contracts.household import CorrectionDecision, CorrectionsDecided, HouseholdRegistered
from shared.keys import uuid7
from tests.clients import outbox_of
from tests.services.inspection.conftest import OTHER_TOWN, Scene, household, visit


async def proposals(scene: Scene) -> list[dict[str, Any]]:
    """What the registry was told, visit by visit."""
    told = await outbox_of(scene.service)
    return [each["data"] for each in told if each["type"] == "inspection.corrections_proposed.v1"]


async def found(scene: Scene, lifted: HouseholdRegistered, **corrections: Any) -> dict[str, Any]:
    """Record a visit with corrections; returns what the officer is shown."""
    recorded = await scene.visit(lifted, corrections=corrections)
    assert recorded.status_code == 201, recorded.text
    view: dict[str, Any] = recorded.json()
    return view


def answer(told: dict[str, Any], status: str, reason: str, *, version: int = 1) -> CorrectionsDecided:
    """The registry's answer to all that a visit proposed."""
    decisions = tuple(
        CorrectionDecision(id=each["id"], status=status, reason=reason, decided_by="李娟", version=version)
        for each in told["corrections"]
    )
    return CorrectionsDecided(
        id=told["id"],
        division_code=told["division_code"],
        version=version,
        household_id=told["household_id"],
        source="visit",
        decisions=decisions,
    )


async def test_a_visit_proposes_what_it_found_beside_what_was_known(scene: Scene) -> None:
    lifted = household()
    await scene.add(lifted)
    child = str(lifted.members[1].id)
    view = await found(
        scene, lifted, water_safe=False, group_name="东组", members={child: {"health": ["chronic"]}}
    )
    (told,) = await proposals(scene)
    assert (told["id"], told["officer"], told["proposed_by"]) == (view["id"], "张强", "village-1")
    facts = {
        (each["field"], each["member_id"]): (each["known"], each["found"]) for each in told["corrections"]
    }
    assert facts == {
        ("water_safe", None): (True, False),
        ("group_name", None): (None, "东组"),
        ("health", child): ([], ["chronic"]),
    }
    assert {each["status"] for each in view["proposals"]} == {"proposed"}


async def test_a_visit_that_found_nothing_otherwise_proposes_nothing(scene: Scene) -> None:
    lifted = household()
    await scene.add(lifted)
    assert (await found(scene, lifted))["proposals"] == []
    assert await proposals(scene) == []


async def test_a_form_kept_offline_says_what_it_showed(scene: Scene) -> None:
    lifted = household(housing_grade="B")
    await scene.add(lifted)
    draft = visit(lifted, corrections={"housing_grade": "C"}, shown={"housing_grade": "A"})
    assert (await scene.village.post(f"{scene.path}/visits", json=draft)).status_code == 201
    (told,) = await proposals(scene)
    assert told["corrections"][0]["known"] == "A"


async def test_a_visit_sent_again_proposes_once(scene: Scene) -> None:
    lifted = household()
    await scene.add(lifted)
    draft = visit(lifted, id=str(uuid7()), corrections={"water_safe": False})
    batch = {"visits": [draft, draft]}
    for _ in range(2):
        await scene.village.post(f"{scene.path}/visits/batch", json=batch)
    (told,) = await proposals(scene)
    assert len(told["corrections"]) == 1


async def test_the_officer_sees_the_answer_on_the_visit_and_in_the_next_form(scene: Scene) -> None:
    lifted = household()
    await scene.add(lifted)
    await found(scene, lifted, responsible_official="周敏")
    (told,) = await proposals(scene)
    await scene.service.tell(answer(told, "refused", "kept_elsewhere"))
    listed = await scene.village.get(f"{scene.path}/visits", params={"household_id": str(lifted.id)})
    form = await scene.village.get(f"{scene.path}/visits/form", params={"household_id": str(lifted.id)})
    for shown in (listed.json()["items"][0]["proposals"], form.json()["corrections"]):
        (correction,) = shown
        assert (correction["status"], correction["decided_by"]) == ("refused", "李娟")
        assert correction["reason_zh"] == "该项信息在专门台账中维护，不通过走访更正"
        assert correction["reason_en"].startswith("kept by an office")


async def test_an_answer_that_comes_late_or_twice_changes_nothing(scene: Scene) -> None:
    lifted = household()
    await scene.add(lifted)
    view = await found(scene, lifted, housing_grade="C")
    (told,) = await proposals(scene)
    accepted = answer(told, "accepted", "decided_by_person", version=2)
    await scene.service.tell(accepted, answer(told, "waiting", "needs_proof"), accepted)
    listed = await scene.village.get(f"{scene.path}/visits", params={"household_id": str(lifted.id)})
    (correction,) = listed.json()["items"][0]["proposals"]
    assert (correction["visit_id"], correction["status"]) == (view["id"], "accepted")


async def test_the_form_shows_the_newest_correction_of_each_fact(scene: Scene) -> None:
    lifted = household()
    await scene.add(lifted)
    for grade in ("C", "D"):
        await found(scene, lifted, housing_grade=grade, water_safe=False)
    form = await scene.village.get(f"{scene.path}/visits/form", params={"household_id": str(lifted.id)})
    assert [(each["field"], each["found"]) for each in form.json()["corrections"]] == [
        ("housing_grade", "D"),
        ("water_safe", False),
    ]


async def test_what_cannot_be_a_fact_is_refused_at_the_door(scene: Scene) -> None:
    lifted = household()
    await scene.add(lifted)
    person = str(lifted.members[0].id)
    for wrong in (
        {"housing_grade": "Z"},
        {"members": {person: {"work_months": 13}}},
        {"members": {person: {"disability_kind": "tired"}}},
        {"members": {person: {"name": "王"}}},
    ):
        refused = await scene.visit(lifted, corrections=wrong)
        assert (refused.status_code, refused.json()["code"]) == (422, "invalid"), wrong
    assert await proposals(scene) == []


async def test_another_towns_officers_do_not_see_it(scene: Scene) -> None:
    lifted = household()
    await scene.add(lifted)
    view = await found(scene, lifted, water_safe=False)
    other = await scene.service.caller("town_officer", OTHER_TOWN)
    listed = await other.get(f"{scene.path}/visits", params={"household_id": str(lifted.id)})
    assert listed.json()["items"] == []
    assert (await scene.village.get(f"{scene.path}/visits")).json()["items"][0]["id"] == view["id"]
