"""Visits made with a form that was kept offline: what changed since is told, and nothing written down is lost."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import httpx
import pytest

from shared.contracts.household import HouseholdChanged, HouseholdRegistered
from shared.keys import uuid7
from tests.services.inspection.conftest import (
    NEXT_VILLAGE,
    OTHER_TOWN,
    OTHER_VILLAGE,
    Scene,
    failed,
    household,
    visit,
)
from tests.services.inspection.test_rehoming import rehomed


async def form_of(scene: Scene, known: HouseholdRegistered) -> dict[str, Any]:
    """Fetch the form, as a phone does before it leaves the network; give what it keeps of it."""
    form = await scene.village.get(f"{scene.path}/visits/form", params={"household_id": str(known.id)})
    assert form.status_code == 200, form.text
    kept = {name: form.json()[name] for name in ("household_version", "made_at")}
    scene.service.clock.moment += timedelta(minutes=1)
    return kept


async def learn(scene: Scene, known: HouseholdRegistered, **changes: Any) -> None:
    """Let the registry tell of something newer."""
    await scene.service.tell(HouseholdChanged(**known.model_dump() | changes | {"version": 2}))


async def batch(caller: httpx.AsyncClient, scene: Scene, *visits: Any) -> dict[str, Any]:
    answer = await caller.post(f"{scene.path}/visits/batch", json={"visits": visits})
    assert answer.status_code == 200, answer.text
    outcome: dict[str, Any] = answer.json()
    return outcome


def told(outcome: dict[str, Any], position: int = 0) -> list[tuple[str, str]]:
    conflicts = outcome["outcomes"][position]["conflicts"]
    assert all(each["zh"] and each["en"] for each in conflicts)
    return [(each["kind"], each["code"]) for each in conflicts]


async def refused(scene: Scene, **filters: str) -> list[dict[str, Any]]:
    answer = await scene.town.get(f"{scene.path}/visits/refused", params=filters)
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


async def test_nothing_changed_and_nothing_is_told(scene: Scene) -> None:
    known = household()
    await scene.add(known)
    form = await form_of(scene, known)
    draft = visit(known, form=form, corrections={"housing_grade": "C"}, shown={"housing_grade": "B"})
    assert told(await batch(scene.village, scene, draft)) == []


async def test_a_fact_that_changed_otherwise_meanwhile_waits_for_a_person(scene: Scene) -> None:
    known = household()
    await scene.add(known)
    form = await form_of(scene, known)
    await learn(scene, known, housing_grade="A")
    draft = visit(
        known,
        id=str(uuid7()),
        form=form,
        corrections={"housing_grade": "D", "water_safe": False},
        shown={"housing_grade": "B", "water_safe": True},
    )
    outcome = await batch(scene.village, scene, draft)
    assert (outcome["accepted"], outcome["in_conflict"]) == (1, 1)
    assert told(outcome) == [("hard", "fact_changed")]
    (conflict,) = outcome["outcomes"][0]["conflicts"]
    assert (conflict["field"], conflict["shown"], conflict["known"]) == ("housing_grade", "B", "A")
    again = await batch(scene.village, scene, draft)
    assert (again["replayed"], told(again)) == (1, [("hard", "fact_changed")])


async def test_what_changed_to_what_the_visit_found_is_no_contradiction(scene: Scene) -> None:
    known = household()
    await scene.add(known)
    form = await form_of(scene, known)
    await learn(scene, known, housing_grade="D")
    draft = visit(known, form=form, corrections={"housing_grade": "D"}, shown={"housing_grade": "B"})
    assert told(await batch(scene.village, scene, draft)) == [("soft", "household_changed")]


async def test_people_who_left_and_a_household_that_is_gone_are_told(scene: Scene) -> None:
    known, other = household(), household(number="3406211002010002")
    await scene.add(known, other)
    daughter = known.members[1]
    left = daughter.model_copy(update={"left_on": date(2021, 6, 10)})
    members = tuple(left if each.id == daughter.id else each for each in known.members)
    form = await form_of(scene, known)
    await learn(scene, known, members=members)
    answers = [{"item": "A1-01", "member_id": str(daughter.id), "value": "dropped_out"}]
    corrections = {"members": {str(daughter.id): {"school_status": "dropped_out"}}}
    draft = visit(known, form=form, answers=answers, corrections=corrections)
    assert told(await batch(scene.village, scene, draft)) == [("hard", "member_gone")]
    nobody = tuple(each.model_copy(update={"left_on": date(2021, 6, 10)}) for each in other.members)
    await learn(scene, other, members=nobody)
    assert told(await batch(scene.village, scene, visit(other))) == [("hard", "household_gone")]


async def test_another_officer_at_the_door_meanwhile_is_told(scene: Scene) -> None:
    known = household()
    await scene.add(known)
    form = await form_of(scene, known)
    first = visit(known, officer="周明", answers=[{"item": "A1-04", "ok": True}])
    await batch(scene.town, scene, first)
    draft = visit(known, form=form, answers=[failed("A1-04")])
    outcome = await batch(scene.village, scene, draft)
    assert told(outcome) == [("soft", "visited_meanwhile"), ("soft", "answered_otherwise")]
    assert outcome["outcomes"][0]["conflicts"][1]["item"] == "A1-04"
    assert (outcome["outcomes"][0]["first"], outcome["in_conflict"]) == (False, 0)
    later = visit(known, form=await form_of(scene, known), answers=[failed("A1-04", "仍未通水")])
    assert told(await batch(scene.village, scene, later)) == [], "its form knew of both"


async def test_two_phones_in_one_batch_are_held_against_each_other(scene: Scene) -> None:
    known = household()
    await scene.add(known)
    form = await form_of(scene, known)
    one = visit(known, form=form, answers=[{"item": "A1-04", "ok": True}])
    other = visit(known, form=form, officer="周明", answers=[failed("A1-04")])
    outcome = await batch(scene.village, scene, one, other)
    assert told(outcome, 0) == []
    assert told(outcome, 1) == [("soft", "visited_meanwhile"), ("soft", "answered_otherwise")]


async def test_a_person_settles_a_hard_conflict_once(scene: Scene) -> None:
    known = household()
    await scene.add(known)
    form = await form_of(scene, known)
    await learn(scene, known, housing_grade="A")
    draft = visit(known, form=form, corrections={"housing_grade": "D"}, shown={"housing_grade": "B"})
    await batch(scene.village, scene, draft, visit(known, officer="周明"))
    listed = (await scene.town.get(f"{scene.path}/visits?conflict=open")).json()["items"]
    (found,) = listed
    address = f"{scene.path}/visits/{found['id']}/settlement"
    said = {"reason": "镇村共同复核，房屋为D级"}
    assert (await scene.village.post(address, json=said, headers={"If-Match": '"1"'})).status_code == 403
    assert (await scene.town.post(address, json=said, headers={"If-Match": '"7"'})).status_code == 412
    settled = await scene.town.post(address, json=said, headers={"If-Match": '"1"'})
    assert (settled.status_code, settled.json()["settlement"]) == (200, said["reason"])
    again = await scene.town.post(address, json=said, headers={"If-Match": '"2"'})
    assert (again.status_code, again.json()["code"]) == (409, "not_in_conflict")
    assert (await scene.town.get(f"{scene.path}/visits?conflict=open")).json()["items"] == []
    assert len((await scene.town.get(f"{scene.path}/visits?conflict=settled")).json()["items"]) == 1


async def test_what_is_refused_is_kept_until_it_is_sent_as_it_should_be(scene: Scene) -> None:
    known = household()
    await scene.add(known)
    key = str(uuid7())
    wrong = visit(known, id=key, visited_at="2021-06-07T09:00:00+08:00")
    for _ in range(3):
        outcome = await batch(scene.village, scene, wrong)
        assert outcome["refused"] == 1
    (kept,) = await refused(scene)
    assert (kept["visit"], kept["visit_id"], kept["problem"]["code"]) == (wrong, key, "outside_schedule")
    still_wrong = wrong | {"answers": [failed("A1-05")], "visited_at": "2021-06-09T09:00:00+08:00"}
    await batch(scene.village, scene, still_wrong)
    (kept,) = await refused(scene)
    assert (kept["visit"], kept["problem"]["code"]) == (still_wrong, "not_asked_on_visit")
    assert (await batch(scene.village, scene, visit(known, id=key)))["accepted"] == 1
    assert await refused(scene) == []


async def test_whatever_it_is_it_is_kept_as_it_was_sent(scene: Scene) -> None:
    odd = [{"facts": "\u0000", "id": "no id"}, "a visit", None, {"officer": "?"}]
    answer = await scene.village.post(
        f"{scene.path}/visits/batch",
        content='{"visits": [{"facts": "\\u0000", "id": "no id"}, "a visit", null, {"officer": "\\ud800"}]}',
        headers={"Content-Type": "application/json"},
    )
    assert answer.json()["refused"] == 4, answer.text
    assert [each["visit"] for each in await refused(scene)] == odd
    assert await refused(scene, division=NEXT_VILLAGE) == []


async def test_another_visit_under_a_taken_id_is_kept_beside_it(scene: Scene) -> None:
    known = household()
    await scene.add(known)
    key = str(uuid7())
    first, other = visit(known, id=key), visit(known, id=key, officer="周明")
    await batch(scene.village, scene, first)
    assert (await batch(scene.village, scene, other))["outcomes"][0]["problem"]["code"] == "visit_id_reused"
    await batch(scene.village, scene, other)
    assert [each["visit"] for each in await refused(scene)] == [other]


async def test_a_refused_visit_is_seen_where_its_household_is_and_dismissed_with_a_reason(
    scene: Scene,
) -> None:
    elsewhere = household(OTHER_VILLAGE)
    await scene.add(elsewhere)
    await batch(scene.county, scene, visit(elsewhere, visited_at="2021-06-07T09:00:00+08:00"))
    await batch(scene.village, scene, visit(elsewhere))
    (own,) = await refused(scene)
    assert own["problem"]["code"] == "unknown_household", "nothing is told of households of others"
    assert len((await scene.county.get(f"{scene.path}/visits/refused")).json()["items"]) == 2
    address = f"{scene.path}/visits/refused/{own['id']}/dismissal"
    assert (await scene.village.post(address, json={"reason": "非本村农户"})).status_code == 200
    again = await scene.village.post(address, json={"reason": "非本村农户"})
    assert (again.status_code, again.json()["code"]) == (409, "refused_visit_dismissed")
    await batch(scene.village, scene, visit(elsewhere))
    assert await refused(scene) == [], "what was dismissed does not come back"
    (dismissed,) = await refused(scene, state="dismissed")
    assert dismissed["dismissal"] == "非本村农户"


@pytest.mark.parametrize("made_at", ["2021-06-09T09:00:00", "yesterday"])
async def test_a_form_without_a_zone_is_refused(scene: Scene, made_at: str) -> None:
    known = household()
    await scene.add(known)
    draft = visit(known, form={"household_version": 1, "made_at": made_at})
    assert (await batch(scene.village, scene, draft))["refused"] == 1


async def test_a_refused_visit_goes_along_when_its_household_belongs_elsewhere(scene: Scene) -> None:
    known = household()
    await scene.add(known)
    await batch(scene.village, scene, visit(known, visited_at="2021-06-07T09:00:00+08:00"))
    assert len(await refused(scene)) == 1
    await learn(scene, known, division_code=OTHER_VILLAGE)
    await scene.service.tell(rehomed(known))
    assert await refused(scene) == []
    there = await scene.service.caller("town_officer", OTHER_TOWN)
    assert len((await there.get(f"{scene.path}/visits/refused")).json()["items"]) == 1
