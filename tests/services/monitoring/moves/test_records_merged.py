"""Two records of one person are made one, and two again: what departments said of either is asked about anew."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import text

from services.monitoring.comparisons import people
from shared.contracts.household import (
    HouseholdChanged,
    HouseholdRegistered,
    PersonMoved,
    RecordMerged,
    RecordUnmerged,
)
from shared.identity.principal import system
from tests.services.monitoring.comparing import Department, as_csv, killed_after, number
from tests.services.monitoring.conftest import OTHER_VILLAGE, Scene, household, move, numbered
from tests.services.monitoring.doubting import ACCEPTED, SAID, doubts, police_of, told as told_of_cars
from tests.services.monitoring.moves.test_comparison_movers import warned
from tests.services.monitoring.moves.test_moves_undone import open_clues
from tests.services.monitoring.moving import WANG, lived_in, paid
from tests.services.monitoring.test_comparison_batches import withdrawn

TWIN = number(604)


@pytest.fixture
async def gone(scene: Scene) -> HouseholdRegistered:
    """Where the record stands that leaves."""
    return await lived_in(scene)


@pytest.fixture
async def kept(scene: Scene) -> HouseholdRegistered:
    """Where the same person is registered once more."""
    return await scene.known(household(OTHER_VILLAGE, members=(numbered("王建国", TWIN),)))


async def twin_paid(office: Department, yuan: int, period: str) -> dict[str, Any]:
    """Send what the other record's person paid in a month."""
    return await office.send(as_csv([["王建国", TWIN, str(yuan), "住院"]]), period)


async def asked(office: Department, *, jobs: int = 1) -> dict[str, Any]:
    """Let the newest of the jobs ask that changes have started."""
    async with office.service.database.reading(system("tests")) as db:
        started = text("SELECT count(*) FROM job WHERE name = 'monitoring.comparison_people'")
        assert await db.scalar(started) == jobs
    return await people.run_asking(await office.run_named("monitoring.comparison_people"))


async def tell_merged(scene: Scene, gone: HouseholdRegistered, kept: HouseholdRegistered) -> None:
    """Let the first record leave as a duplicate of the other household's first."""
    left = {"left_on": date(2021, 12, 1), "leave_reason": "duplicate", "number_index": None}
    members = [gone.members[0].model_copy(update=left), *gone.members[1:]]
    here = gone.model_dump(exclude={"members"}) | {"version": gone.version + 1, "members": members}
    there = kept.model_dump() | {"version": kept.version + 1}
    merged = RecordMerged(**_between(gone, kept), version=gone.version + 1)
    await scene.service.tell(HouseholdChanged(**here), HouseholdChanged(**there), merged)


async def tell_unmerged(scene: Scene, gone: HouseholdRegistered, kept: HouseholdRegistered) -> None:
    """Let both be people of their own again."""
    states = [HouseholdChanged(**each.model_dump() | {"version": each.version + 2}) for each in (gone, kept)]
    await scene.service.tell(*states, RecordUnmerged(**_between(gone, kept), version=gone.version + 2))


def _between(gone: HouseholdRegistered, kept: HouseholdRegistered) -> dict[str, Any]:
    persons = (PersonMoved(member_id=gone.members[0].id, became=kept.members[0].id),)
    return {
        "household_id": gone.id,
        "into_id": kept.id,
        "division_code": gone.division_code,
        "happened_on": date(2021, 12, 1),
        "persons": persons,
    }


async def test_what_comes_together_by_a_merge_of_records_warns_once(
    office: Department, scene: Scene, gone: HouseholdRegistered, kept: HouseholdRegistered
) -> None:
    may = await paid(office, 9000, "2021-05")
    june = await twin_paid(office, 7000, "2021-06")
    await tell_merged(scene, gone, kept)
    assert await asked(office) == {"people": 1, "batches": 1}
    both = [("medical_year", 16000, kept.id, kept.members[0].id)]
    assert await warned(scene) == both
    assert [(await office.shown(each))["alerts"] for each in (may, june)] == [0, 1]
    await asked(office)
    july = await paid(office, 1, "2021-07")
    assert (july["alerts"], await warned(scene)) == (0, both)


@pytest.mark.parametrize("stage", ["raise_alerts_of", "tell_news"])
async def test_a_killed_asking_goes_on_with_the_rest(
    office: Department, scene: Scene, gone: HouseholdRegistered, kept: HouseholdRegistered, stage: str
) -> None:
    await paid(office, 9000, "2021-05")
    await twin_paid(office, 7000, "2021-06")
    await tell_merged(scene, gone, kept)
    with killed_after(people, stage):
        await asked(office)
    await asked(office)
    assert await warned(scene) == [("medical_year", 16000, kept.id, kept.members[0].id)]


async def test_whoever_was_warned_of_before_a_merge_of_records_is_not_warned_of_again(
    office: Department, scene: Scene, gone: HouseholdRegistered, kept: HouseholdRegistered
) -> None:
    await paid(office, 16000, "2021-05", WANG)
    await tell_merged(scene, gone, kept)
    before = await warned(scene)
    await asked(office)
    assert await warned(scene) == before == [("medical_year", 16000, gone.id, gone.members[0].id)]


async def test_what_only_both_together_came_to_is_taken_back_once_they_are_two_again(
    office: Department, scene: Scene, gone: HouseholdRegistered, kept: HouseholdRegistered
) -> None:
    await paid(office, 9000, "2021-05")
    june = await twin_paid(office, 7000, "2021-06")
    await tell_merged(scene, gone, kept)
    await asked(office)
    await tell_unmerged(scene, gone, kept)
    with killed_after(people, "raise_alerts_of"):
        await asked(office, jobs=2)
    await asked(office, jobs=2)
    assert (await open_clues(scene), (await office.shown(june))["alerts"]) == ({}, 0)
    await paid(office, 7000, "2021-07")
    assert await open_clues(scene) == {gone.id: ["department"]}


async def test_whoever_was_warned_of_before_keeps_the_warning_and_the_other_one_has_none(
    office: Department, scene: Scene, gone: HouseholdRegistered, kept: HouseholdRegistered
) -> None:
    may = await paid(office, 16000, "2021-05")
    await twin_paid(office, 7000, "2021-06")
    await tell_merged(scene, gone, kept)
    await asked(office)
    assert await open_clues(scene) == {gone.id: ["department"], kept.id: ["follow_up"]}
    await tell_unmerged(scene, gone, kept)
    await asked(office, jobs=2)
    assert await open_clues(scene) == {gone.id: ["department"]}
    assert await warned(scene) == [("medical_year", 16000, gone.id, gone.members[0].id)]
    assert (await office.shown(may))["alerts"] == 1
    await withdrawn(office, may)
    assert await open_clues(scene) == {}


async def test_both_keep_their_own_warnings(
    office: Department, scene: Scene, gone: HouseholdRegistered, kept: HouseholdRegistered
) -> None:
    await paid(office, 16000, "2021-05")
    await twin_paid(office, 17000, "2021-06")
    before = await warned(scene)
    await tell_merged(scene, gone, kept)
    await asked(office)
    await tell_unmerged(scene, gone, kept)
    await asked(office, jobs=2)
    assert sorted(await warned(scene)) == sorted(before)
    assert {clue: len(told) for clue, told in (await open_clues(scene)).items()} == {gone.id: 1, kept.id: 1}


@pytest.mark.parametrize("state", ["open", "explained"])
async def test_a_doubt_is_that_of_its_own_person_again(
    office: Department, scene: Scene, gone: HouseholdRegistered, kept: HouseholdRegistered, state: str
) -> None:
    police = await police_of(scene)
    await told_of_cars(police, WANG)
    (doubt,) = await doubts(scene.county)
    await tell_merged(scene, gone, kept)
    await asked(office)
    (moved,) = await doubts(scene.county)
    assert (moved["id"], moved["household_id"]) == (doubt["id"], str(kept.id))
    if state == "explained":
        there = await scene.service.caller("village_officer", OTHER_VILLAGE, subject="village-there")
        await move(there, f"/doubts/{doubt['id']}/explanation", SAID)
        await move(scene.county, f"/doubts/{doubt['id']}/decision", ACCEPTED)
    await tell_unmerged(scene, gone, kept)
    await asked(office, jobs=2)
    (back,) = await doubts(scene.county)
    assert (back["id"], back["household_id"], back["state"]) == (doubt["id"], str(gone.id), state)
    assert (await scene.village.get(f"/doubts/{doubt['id']}")).is_success
