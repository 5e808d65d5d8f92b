"""Corrections that visits propose: decided by rules kept as data, or by a person with other eyes."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import httpx
import pytest

from services.household.corrections.model import Correction, Status
from services.household.corrections.rules import judge, judge_by_hand, rulings
from services.household.households.model import Household, Member
from services.household.households.schemas import HouseholdChange, MemberChange
from shared.contracts.inspection import CorrectionsProposed, ProposedCorrection
from shared.domain.codes import code_lists
from shared.keys import uuid7
from tests.clients import ServiceUnderTest, outbox_of
from tests.services.household.changing import FAMILY, House
from tests.services.household.conftest import OTHER_VILLAGE, TOWN, VILLAGE
from tests.services.household.test_natural_changes import DAY
from tests.services.household.test_regrouping import split

VISITED = datetime(2021, 6, 9, 1, 0, tzinfo=UTC)
_HOME, _PERSON = uuid7(), uuid7()


def _household(**facts: Any) -> Household:
    return Household(id=_HOME, division_code=VILLAGE, number="1", member_count=2, water_safe=True, **facts)


def _member(**facts: Any) -> Member:
    return Member(id=_PERSON, household_id=_HOME, name="王强", relationship="head", **facts)


def _correction(**facts: Any) -> Correction:
    return Correction(household_id=_HOME, division_code=VILLAGE, **facts)


@pytest.mark.parametrize(
    ("field", "known", "found", "household", "member", "status", "reason"),
    [
        ("water_safe", True, False, {}, None, "accepted", "as_seen"),
        ("water_safe", True, True, {}, None, "accepted", "already_so"),
        ("water_safe", None, False, {}, None, "waiting", "changed_since"),
        ("water_safe", True, None, {}, None, "accepted", "as_seen"),
        ("housing_grade", None, "C", {}, None, "waiting", "needs_proof"),
        ("housing_grade", None, "Z", {}, None, "refused", "invalid_value"),
        ("minimum_living", False, None, {}, None, "refused", "invalid_value"),
        ("responsible_official", None, "赵敏", {}, None, "refused", "kept_elsewhere"),
        ("phone", None, "13800000000", {}, None, "refused", "unknown_field"),
        ("water_safe", True, False, None, None, "refused", "unknown_household"),
        ("water_safe", True, False, {"merged_into": uuid7()}, None, "refused", "household_merged"),
        ("education", None, "primary", {}, {}, "accepted", "as_seen"),
        ("education", None, "primary", {}, "nobody", "refused", "unknown_member"),
        ("education", None, "primary", {}, {"left_on": VISITED.date()}, "refused", "member_left"),
        ("health", ["a", "b"], ["b", "a"], {}, {"health": ["a", "b"]}, "refused", "invalid_value"),
        ("health", [], ["healthy"], {}, {"health": ["healthy"]}, "accepted", "already_so"),
        ("health", (), ["healthy"], {}, {"health": []}, "waiting", "needs_proof"),
        ("water_safe", True, False, {}, {}, "refused", "unknown_field"),
    ],
)
def test_the_rules_decide(
    *, field: str, known: Any, found: Any, household: Any, member: Any, status: str, reason: str
) -> None:
    about = _PERSON if member is not None else None
    correction = _correction(member_id=about, field=field, known=known, found=found)
    home = None if household is None else _household(**household)
    person = _member(**member) if isinstance(member, dict) else None
    verdict = judge(correction, home, person)
    assert (verdict.status, verdict.reason) == (status, reason)
    assert reason in code_lists()["correction_reason"]
    by_hand = judge_by_hand(correction, home, person)
    expected = (Status.ACCEPTED, "decided_by_person") if status == "waiting" else (status, reason)
    assert (by_hand.status, by_hand.reason) == expected


def test_an_empty_household_takes_nothing_over() -> None:
    empty = _household()
    empty.member_count = 0
    correction = _correction(field="water_safe", known=True, found=False)
    assert judge(correction, empty, None).reason == "household_empty"


def test_every_rule_is_about_a_fact_of_the_registry() -> None:
    assert rulings()["member"].keys() - {"leave_reason"} <= MemberChange.model_fields.keys()
    assert rulings()["household"].keys() - {"responsible_official"} <= HouseholdChange.model_fields.keys()


def proposed(house: House, *corrections: ProposedCorrection, by: str = "village-1") -> CorrectionsProposed:
    """What a visit of the household would tell."""
    return CorrectionsProposed(
        id=uuid7(),
        division_code=house.view["division_code"],
        version=1,
        household_id=UUID(house.view["id"]),
        visited_at=VISITED,
        officer="张强",
        proposed_by=by,
        corrections=corrections,
    )


def fact(field: str, known: Any, found: Any, member_id: str | None = None) -> ProposedCorrection:
    """One fact that was found to be otherwise."""
    return ProposedCorrection(
        id=uuid7(), field=field, member_id=UUID(member_id) if member_id else None, known=known, found=found
    )


async def of_source(client: httpx.AsyncClient, visit: CorrectionsProposed) -> dict[str, dict[str, Any]]:
    """The visit's corrections by field."""
    answer = await client.get("/corrections", params={"source_id": str(visit.id)})
    return {each["field"]: each for each in answer.json()["items"]}


async def decided(registry: ServiceUnderTest) -> list[dict[str, Any]]:
    """What the registry told of decisions, in order: field order within an event as proposed."""
    told = await outbox_of(registry)
    return [each["data"] for each in told if each["type"] == "household.corrections_decided.v1"]


async def decide(
    client: httpx.AsyncClient, correction: dict[str, Any], how: str, **body: Any
) -> httpx.Response:
    tag = {"If-Match": f'"{correction["version"]}"'}
    return await client.post(f"/corrections/{correction['id']}/{how}", json=body, headers=tag)


async def test_what_was_seen_at_the_door_changes_the_registry_and_its_story_says_so(
    registry: ServiceUnderTest, county: httpx.AsyncClient
) -> None:
    house = await House.of(county, *FAMILY)
    son = house.id_of("王强")
    visit = proposed(
        house,
        fact("water_safe", None, found=False),
        fact("work_months", None, 7, son),
        fact("housing_grade", None, "C"),
        fact("responsible_official", None, "赵敏"),
    )
    await registry.tell(visit, visit)
    await registry.tell(visit)
    before = house.view["version"]
    await house.look()
    # All that one visit found is one change.
    assert (house.view["water_safe"], house.view["version"]) == (False, before + 1)
    assert next(each for each in house.view["members"] if each["id"] == son)["work_months"] == 7
    assert house.view["housing_grade"] is None
    found = await of_source(county, visit)
    assert {field: (each["status"], each["reason"]) for field, each in found.items()} == {
        "water_safe": ("accepted", "as_seen"),
        "work_months": ("accepted", "as_seen"),
        "housing_grade": ("waiting", "needs_proof"),
        "responsible_official": ("refused", "kept_elsewhere"),
    }
    (answer,) = await decided(registry)
    assert answer["id"] == str(visit.id)
    assert [each["status"] for each in answer["decisions"]] == ["accepted", "accepted", "waiting", "refused"]
    story = (await county.get(f"{house.path}/story")).json()["items"]
    assert (story[-1]["source"], story[-1]["source_id"]) == ("visit", str(visit.id))
    assert story[-1]["reason"] == "走访核实：张强 2021-06-09"


async def test_two_visits_in_one_delivery_are_each_told_by_the_story(
    registry: ServiceUnderTest, county: httpx.AsyncClient
) -> None:
    houses = [await House.of(county, FAMILY[0] | {"identity_number": None}) for _ in range(2)]
    visits = [proposed(house, fact("water_safe", None, found=True)) for house in houses]
    await registry.tell(*visits)
    for house, visit in zip(houses, visits, strict=True):
        story = (await county.get(f"{house.path}/story")).json()["items"]
        assert (story[-1]["source"], story[-1]["source_id"]) == ("visit", str(visit.id))


async def test_an_older_visit_that_comes_later_waits_for_a_person(
    registry: ServiceUnderTest, county: httpx.AsyncClient
) -> None:
    house = await House.of(county, *FAMILY)
    await registry.tell(proposed(house, fact("group_name", None, "东组")))
    late = proposed(house, fact("group_name", None, "西组"))
    await registry.tell(late)
    await house.look()
    assert house.view["group_name"] == "东组"
    waiting = (await of_source(county, late))["group_name"]
    assert (waiting["status"], waiting["reason"]) == ("waiting", "changed_since")


async def test_a_person_decides_what_waits_but_not_whoever_found_it(
    registry: ServiceUnderTest, county: httpx.AsyncClient
) -> None:
    house = await House.of(county, *FAMILY)
    visit = proposed(
        house, fact("housing_grade", None, "C"), fact("destitute", known=False, found=True), by="town-1"
    )
    await registry.tell(visit)
    waiting = await of_source(county, visit)
    finder = await registry.caller("town_officer", TOWN, subject="town-1")
    same = await decide(finder, waiting["housing_grade"], "acceptance")
    assert (same.status_code, same.json()["code"]) == (403, "found_by_same_person")
    village = await registry.caller("village_officer", VILLAGE)
    assert (await decide(village, waiting["housing_grade"], "acceptance")).status_code == 403
    other = await registry.caller("town_officer", TOWN, subject="town-2")
    unseen = await other.post(f"/corrections/{waiting['housing_grade']['id']}/acceptance", json={})
    assert unseen.status_code == 428
    taken = await decide(other, waiting["housing_grade"], "acceptance", note="住建部门已鉴定")
    assert (taken.status_code, taken.json()["status"], taken.json()["decided_by"]) == (
        200,
        "accepted",
        "town-2",
    )
    left = await decide(other, waiting["destitute"], "refusal", note="民政未认定")
    assert (left.status_code, left.json()["status"], left.json()["note"]) == (200, "refused", "民政未认定")
    again = await decide(other, left.json(), "acceptance")
    assert (again.status_code, again.json()["code"]) == (409, "correction_decided")
    await house.look()
    assert (house.view["housing_grade"], house.view["destitute"]) == ("C", False)
    story = (await county.get(f"{house.path}/story")).json()["items"]
    assert (story[-1]["source"], story[-1]["source_id"], story[-1]["by"]) == (
        "visit",
        str(visit.id),
        "town-2",
    )
    told = [(d["status"], d["version"] > 1) for each in await decided(registry) for d in each["decisions"]]
    assert told == [("waiting", False), ("waiting", False), ("accepted", True), ("refused", True)]


async def test_a_correction_goes_along_with_whom_it_is_about(
    registry: ServiceUnderTest, county: httpx.AsyncClient
) -> None:
    old = await House.of(county, *FAMILY)
    son, wife = old.id_of("王强"), old.id_of("李秀英")
    waits = proposed(old, fact("medical_insurance", None, True, son))
    await registry.tell(waits)
    new = await split(old)
    late = proposed(old, fact("work_months", None, 9, son), fact("education", None, "primary", wife))
    await registry.tell(late)
    correction = (await of_source(county, waits))["medical_insurance"]
    taken = await decide(county, correction, "acceptance")
    assert taken.json()["household_id"] == new.view["id"]
    await new.look()
    there = next(each for each in new.view["members"] if each["name"] == "王强")
    assert (there["work_months"], there["medical_insurance"]) == (9, True)
    assert {each["status"] for each in (await of_source(county, late)).values()} == {"accepted"}


async def test_what_cannot_be_taken_over_any_more_is_refused_to_the_person_too(
    registry: ServiceUnderTest, county: httpx.AsyncClient
) -> None:
    house = await House.of(county, *FAMILY)
    wife = house.id_of("李秀英")
    visit = proposed(house, fact("medical_insurance", None, True, wife))
    await registry.tell(visit)
    await house.do(f"/members/{wife}/departure", on=DAY, reason="death")
    answer = await decide(county, (await of_source(county, visit))["medical_insurance"], "acceptance")
    assert (answer.status_code, answer.json()["code"]) == (409, "correction_impossible")


async def test_corrections_are_seen_inside_their_area_only(
    registry: ServiceUnderTest, county: httpx.AsyncClient
) -> None:
    house = await House.of(county, *FAMILY)
    visit = proposed(house, fact("housing_grade", None, "C"))
    await registry.tell(visit)
    elsewhere = await registry.caller("town_officer", OTHER_VILLAGE)
    assert await of_source(elsewhere, visit) == {}
    (correction,) = (await of_source(county, visit)).values()
    assert (await elsewhere.get(f"/corrections/{correction['id']}")).status_code == 404
    assert (await decide(elsewhere, correction, "refusal", note="不属实")).status_code == 404
    for wanted, count in (({"status": "waiting"}, 1), ({"status": "refused"}, 0), ({"division": TOWN}, 1)):
        found = await county.get("/corrections", params=wanted | {"household_id": house.view["id"]})
        assert len(found.json()["items"]) == count, wanted
