"""Corrections that departments' data propose: the certifying office's word counts, a departure is a person's matter."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import httpx
import pytest
from pydantic import ValidationError

from services.household.corrections.rules import Ruling
from shared.contracts.comparisons import ComparedCorrection, ComparisonCorrectionsProposed
from shared.keys import uuid7
from tests.clients import ServiceUnderTest
from tests.services.household.changing import FAMILY, House
from tests.services.household.conftest import TOWN
from tests.services.household.test_corrections import decide, decided
from tests.services.household.test_regrouping import split

COMPARED = datetime(2021, 6, 9, 1, 0, tzinfo=UTC)
DIED = date(2021, 5, 20)


def compared(
    house: House, dataset: str, *corrections: ComparedCorrection, department: str = "县残联"
) -> ComparisonCorrectionsProposed:
    """What a department's batch would tell of the household."""
    return ComparisonCorrectionsProposed(
        id=uuid7(),
        division_code=house.view["division_code"],
        version=1,
        household_id=UUID(house.view["id"]),
        dataset=dataset,
        department=department,
        period="2021-05",
        compared_at=COMPARED,
        proposed_by="department-1",
        corrections=corrections,
    )


def fact(field: str, known: Any, found: Any, member_id: str | None = None, **more: Any) -> ComparedCorrection:
    about = UUID(member_id) if member_id else None
    return ComparedCorrection(id=uuid7(), field=field, member_id=about, known=known, found=found, **more)


def death(member_id: str, **more: Any) -> ComparedCorrection:
    return fact("leave_reason", None, "death", member_id, **{"happened_on": DIED, **more})


async def of_batch(
    client: httpx.AsyncClient, batch: ComparisonCorrectionsProposed
) -> dict[str, dict[str, Any]]:
    items = (await client.get("/corrections", params={"source_id": str(batch.id)})).json()["items"]
    return {each["field"]: each for each in items}


def outcome(correction: dict[str, Any]) -> tuple[str, str]:
    return correction["status"], correction["reason"]


async def test_the_office_that_certifies_a_fact_is_taken_at_its_word_and_the_story_says_so(
    registry: ServiceUnderTest, county: httpx.AsyncClient
) -> None:
    house = await House.of(county, *FAMILY)
    son = house.id_of("王强")
    card = (
        fact("disability_kind", None, "4", son),
        fact("disability_grade", None, "2", son, happened_on=DIED),
    )
    batch = compared(house, "disability", *card)
    await registry.tell(batch, batch)
    await registry.tell(batch)
    before = house.view["version"]
    await house.look()
    member = next(each for each in house.view["members"] if each["id"] == son)
    assert (member["disability_kind"], member["disability_grade"]) == ("4", "2")
    assert house.view["version"] == before + 1
    found = await of_batch(county, batch)
    assert {outcome(each) for each in found.values()} == {("accepted", "certified")}
    assert (found["disability_grade"]["dataset"], found["disability_grade"]["happened_on"]) == (
        "disability",
        "2021-05-20",
    )
    (answer,) = await decided(registry)
    assert (answer["id"], answer["source"], len(answer["decisions"])) == (str(batch.id), "comparison", 2)
    story = (await county.get(f"{house.path}/story")).json()["items"]
    assert (story[-1]["source"], story[-1]["source_id"]) == ("comparison", str(batch.id))
    assert story[-1]["reason"] == "数据比对：县残联（2021-05） 2021-06-09"


@pytest.mark.parametrize(
    ("dataset", "field", "known", "found", "expected"),
    [
        ("relief", "minimum_living", False, True, ("waiting", "needs_proof")),
        ("minimum_living", "minimum_living", False, True, ("accepted", "certified")),
        ("minimum_living", "minimum_living", True, True, ("waiting", "changed_since")),
        ("minimum_living", "minimum_living", True, False, ("accepted", "already_so")),
        ("unsafe_housing", "housing_grade", None, "C", ("accepted", "certified")),
        ("unsafe_housing", "housing_grade", None, "Z", ("refused", "invalid_value")),
        # Whoever compares files has not stood at the door.
        ("water_failure", "water_safe", None, False, ("waiting", "needs_proof")),
        ("payroll", "responsible_official", None, "赵敏", ("refused", "kept_elsewhere")),
    ],
)
async def test_the_rules_decide_by_dataset(
    registry: ServiceUnderTest,
    county: httpx.AsyncClient,
    *,
    dataset: str,
    field: str,
    known: Any,
    found: Any,
    expected: tuple[str, str],
) -> None:
    house = await House.of(county, *FAMILY)
    if expected == ("waiting", "changed_since"):
        known, found = None, True
    batch = compared(house, dataset, fact(field, known, found))
    await registry.tell(batch)
    assert outcome((await of_batch(county, batch))[field]) == expected


async def test_a_death_waits_and_accepted_it_is_a_natural_change_with_its_day(
    registry: ServiceUnderTest, county: httpx.AsyncClient
) -> None:
    house = await House.of(county, *FAMILY)
    mother = house.id_of("李秀英")
    batch = compared(house, "death", death(mother), department="县民政局")
    await registry.tell(batch)
    waiting = (await of_batch(county, batch))["leave_reason"]
    assert outcome(waiting) == ("waiting", "departure")
    await house.look()
    assert "李秀英" in house.present()
    town = await registry.caller("town_officer", TOWN, subject="town-2")
    taken = await decide(town, waiting, "acceptance", note="已核实")
    assert (taken.status_code, outcome(taken.json())) == (200, ("accepted", "decided_by_person"))
    await house.look()
    gone = next(each for each in house.view["members"] if each["id"] == mother)
    assert (gone["left_on"], gone["leave_reason"]) == ("2021-05-20", "death")
    assert taken.json()["household_version"] == house.view["version"]
    (change,) = await house.changes()
    assert (change["kind"], change["happened_on"], change["reason"], change["evidence"]) == (
        "departure",
        "2021-05-20",
        "death",
        "县民政局（2021-05）",
    )
    assert change["recorded_by"] == "town-2"
    story = (await county.get(f"{house.path}/story")).json()["items"]
    assert (story[-1]["source"], story[-1]["reason"]) == (
        "natural_change",
        "数据比对：县民政局（2021-05） 2021-06-09",
    )


async def test_a_head_who_died_leaves_the_household_to_another_one(
    registry: ServiceUnderTest, county: httpx.AsyncClient
) -> None:
    house = await House.of(county, *FAMILY)
    batch = compared(house, "death", death(house.id_of("王建国")))
    await registry.tell(batch)
    waiting = (await of_batch(county, batch))["leave_reason"]
    headless = await decide(county, waiting, "acceptance")
    assert (headless.status_code, headless.json()["code"]) == (409, "head_cannot_leave")
    assert outcome((await of_batch(county, batch))["leave_reason"]) == ("waiting", "departure")
    kin = {"李秀英": "mother", "赵敏": "spouse", "王小宝": "son"}
    heir = {
        "member_id": house.id_of("王强"),
        "relationships": {house.id_of(name): who for name, who in kin.items()},
    }
    taken = await decide(county, waiting, "acceptance", new_head=heir)
    assert taken.status_code == 200, taken.text
    assert (await house.look()).present()["王强"] == "head"


async def test_a_new_head_is_named_only_where_somebody_leaves(
    registry: ServiceUnderTest, county: httpx.AsyncClient
) -> None:
    house = await House.of(county, *FAMILY)
    batch = compared(house, "relief", fact("minimum_living", known=False, found=True))
    await registry.tell(batch)
    waiting = (await of_batch(county, batch))["minimum_living"]
    answer = await decide(county, waiting, "acceptance", new_head={"member_id": house.id_of("王强")})
    assert (answer.status_code, answer.json()["code"]) == (422, "head_stays")


@pytest.mark.parametrize(
    ("entered", "told", "expected"),
    [
        ("death", "death", ("accepted", "already_so")),
        ("marriage_out", "death", ("refused", "member_left")),
        # Away for a time, somebody may die there.
        ("army", "death", ("waiting", "departure")),
        ("army", "army", ("accepted", "already_so")),
    ],
)
async def test_of_somebody_who_has_left_a_departure_says_what_is_known_or_comes_too_late(
    registry: ServiceUnderTest, county: httpx.AsyncClient, entered: str, told: str, expected: tuple[str, str]
) -> None:
    house = await House.of(county, *FAMILY)
    son = house.id_of("王强")
    await house.do(f"/members/{son}/departure", on="2021-05-01", reason=entered)
    batch = compared(house, "death", fact("leave_reason", None, told, son, happened_on=DIED))
    await registry.tell(batch)
    assert outcome((await of_batch(county, batch))["leave_reason"]) == expected


async def test_a_departure_entered_meanwhile_is_accepted_without_a_second_change(
    registry: ServiceUnderTest, county: httpx.AsyncClient
) -> None:
    house = await House.of(county, *FAMILY)
    mother = house.id_of("李秀英")
    batch = compared(house, "death", death(mother))
    await registry.tell(batch)
    await house.do(f"/members/{mother}/departure", on="2021-05-19", reason="death")
    taken = await decide(county, (await of_batch(county, batch))["leave_reason"], "acceptance")
    assert outcome(taken.json()) == ("accepted", "already_so")
    assert len(await house.changes()) == 1


async def test_a_departure_without_a_day_or_for_no_reason_is_refused(
    registry: ServiceUnderTest, county: httpx.AsyncClient
) -> None:
    house = await House.of(county, *FAMILY)
    son = house.id_of("王强")
    for told in (death(son, happened_on=None), fact("leave_reason", None, "bored", son, happened_on=DIED)):
        batch = compared(house, "death", told)
        await registry.tell(batch)
        assert outcome((await of_batch(county, batch))["leave_reason"]) == ("refused", "invalid_value")


async def test_a_refused_departure_stays_to_be_seen_with_its_reason(
    registry: ServiceUnderTest, county: httpx.AsyncClient
) -> None:
    house = await House.of(county, *FAMILY)
    batch = compared(house, "death", death(house.id_of("李秀英")))
    await registry.tell(batch)
    sender = await registry.caller("town_officer", TOWN, subject="department-1")
    waiting = (await of_batch(county, batch))["leave_reason"]
    same = await decide(sender, waiting, "refusal", note="本人健在")
    assert (same.status_code, same.json()["code"]) == (403, "found_by_same_person")
    assert (await decide(county, waiting, "refusal", note="本人健在，重名")).status_code == 200
    seen = (await of_batch(county, batch))["leave_reason"]
    assert (outcome(seen), seen["note"]) == (("refused", "decided_by_person"), "本人健在，重名")
    assert "李秀英" in (await house.look()).present()
    said = [each["status"] for answer in await decided(registry) for each in answer["decisions"]]
    assert said == ["waiting", "refused"]


async def test_a_comparison_finds_whoever_went_to_another_household_meanwhile(
    registry: ServiceUnderTest, county: httpx.AsyncClient
) -> None:
    old = await House.of(county, *FAMILY)
    son = old.id_of("王强")
    new = await split(old)
    card = compared(old, "disability", fact("disability_kind", None, "4", son))
    dead = compared(old, "death", death(son))
    await registry.tell(card, dead)
    there = next(each for each in (await new.look()).view["members"] if each["name"] == "王强")
    assert there["disability_kind"] == "4"
    assert (await of_batch(county, dead))["leave_reason"]["household_id"] == new.view["id"]
    assert [each["household_id"] for each in await decided(registry)] == [new.view["id"]] * 2


def test_nobody_certifies_without_a_rule_that_is_named() -> None:
    with pytest.raises(ValidationError, match="a rule that is named"):
        Ruling(way="by_hand", certified_by=frozenset({"relief"}))
