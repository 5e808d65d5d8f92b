"""Whoever is where they had been again, because a move was undone or by another one, is looked into there."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest
from sqlmodel import select

from services.monitoring.replicas.model import Mover
from shared.contracts.household import (
    HouseholdChanged,
    HouseholdMerged,
    HouseholdRegistered,
    HouseholdSplit,
    MemberTransferred,
    RegroupingState,
)
from shared.identity.principal import system
from tests.services.monitoring.comparing import Department, number
from tests.services.monitoring.conftest import OTHER_VILLAGE, Scene, household, numbered
from tests.services.monitoring.moving import (
    KINDS,
    LI,
    gone_of,
    paid,
    tell_move,
    tell_undone,
)
from tests.services.monitoring.test_comparison_batches import withdrawn


async def open_clues(scene: Scene) -> dict[UUID, list[str]]:
    """Return what open clues rest on, by household."""
    listed = (await scene.county.get("/clues", params={"status": "received"})).json()["items"]
    return {
        UUID(clue["household_id"]): [
            each["source"] for each in clue["evidence"] if "taken_back_on" not in each
        ]
        for clue in listed
    }


async def homes(scene: Scene) -> dict[UUID, UUID]:
    """Return which household each of those is now that ever joined another one."""
    async with scene.service.database.reading(system("tests")) as db:
        joined = select(Mover).where(Mover.id == Mover.household_id)
        return {each.id: each.now_id for each in await db.all(joined)}


@pytest.mark.parametrize("kind", KINDS)
async def test_a_warning_of_where_somebody_was_by_mistake_is_looked_into_where_they_are_again(
    office: Department,
    scene: Scene,
    old: HouseholdRegistered,
    new: HouseholdRegistered,
    kind: type[RegroupingState],
) -> None:
    gone = gone_of(kind, old)
    await paid(office, 9000, "2021-05")
    before, after = await tell_move(scene, kind, old, new, *gone)
    june = await paid(office, 7000, "2021-06")
    assert await open_clues(scene) == {new.id: ["department"]}
    await tell_undone(scene, before, after, *gone)
    assert await open_clues(scene) == {new.id: ["department"], old.id: ["follow_up"]}
    listed = (await scene.county.get("/clues", params={"household_id": str(old.id)})).json()["items"]
    (told,) = [each for clue in listed if clue["household_id"] == str(old.id) for each in clue["evidence"]]
    assert (told["member_id"], told["facts"][:4]) == (str(gone[0]), "变动撤销")
    await withdrawn(office, june)
    assert await open_clues(scene) == {}


@pytest.mark.parametrize("kind", KINDS)
async def test_what_only_followed_somebody_by_mistake_is_taken_back(
    office: Department,
    scene: Scene,
    old: HouseholdRegistered,
    new: HouseholdRegistered,
    kind: type[RegroupingState],
) -> None:
    gone = gone_of(kind, old)
    await paid(office, 16000, "2021-05")
    before, after = await tell_move(scene, kind, old, new, *gone)
    assert await open_clues(scene) == {old.id: ["department"], new.id: ["follow_up"]}
    await tell_undone(scene, before, after, *gone)
    assert await open_clues(scene) == {old.id: ["department"]}


async def test_what_was_told_of_a_household_whose_split_is_undone_goes_with_its_people(
    scene: Scene, old: HouseholdRegistered
) -> None:
    wang = old.members[0].id
    founded = await scene.known(household(OTHER_VILLAGE, members=()))
    before, after = await tell_move(scene, HouseholdSplit, old, founded, wang)
    told = {
        "household_id": str(founded.id),
        "risk_type": "disaster",
        "source": "inspection",
        "facts": "房屋进水",
    }
    answer = await scene.county.post("/clues", json=told)
    assert answer.is_success, answer.text
    empty = after.model_dump() | {"members": (), "merged_into": old.id, "version": after.version + 1}
    here = before.model_dump() | {"members": old.members, "version": before.version + 1}
    await scene.service.tell(HouseholdChanged(**here), HouseholdChanged(**empty))
    assert (await open_clues(scene))[old.id] == ["follow_up"]


async def test_whoever_came_back_is_nobodys_clue_once_the_batch_is_withdrawn(
    office: Department, scene: Scene, old: HouseholdRegistered, new: HouseholdRegistered
) -> None:
    may = await paid(office, 16000, "2021-05")
    old, new = await tell_move(scene, MemberTransferred, old, new, old.members[0].id)
    await tell_move(scene, MemberTransferred, new, old, new.members[-1].id, on=date(2021, 7, 1))
    await withdrawn(office, may)
    assert await open_clues(scene) == {}


async def test_a_clue_follows_whoever_came_back_and_goes_on(
    office: Department, scene: Scene, old: HouseholdRegistered, new: HouseholdRegistered
) -> None:
    third = await scene.known(household(OTHER_VILLAGE, members=(numbered("钱二", number(604)),)))
    old, new = await tell_move(scene, MemberTransferred, old, new, old.members[0].id)
    new, old = await tell_move(scene, MemberTransferred, new, old, new.members[-1].id, on=date(2021, 7, 1))
    await paid(office, 16000, "2021-05")
    old, new = await tell_move(scene, MemberTransferred, old, new, old.members[-1].id, on=date(2021, 8, 1))
    new, old = await tell_move(scene, MemberTransferred, new, old, new.members[-1].id, on=date(2021, 9, 1))
    await tell_move(scene, MemberTransferred, old, third, old.members[-1].id, on=date(2021, 10, 1))
    assert third.id in await open_clues(scene)


@pytest.mark.parametrize("first", [0, 1])
async def test_households_that_join_one_another_end_as_one_in_whatever_order_it_is_told(
    scene: Scene, old: HouseholdRegistered, new: HouseholdRegistered, first: int
) -> None:
    last = await scene.known(household(members=(numbered("钱二", number(604)),)))
    joins = [(old, new), (new, last)]
    for here, there in joins if first == 0 else reversed(joins):
        await scene.service.tell(
            HouseholdChanged(
                **here.model_dump() | {"members": (), "merged_into": there.id, "version": here.version + 1}
            )
        )
        await scene.service.tell(
            HouseholdMerged(
                household_id=here.id,
                into_id=there.id,
                division_code=here.division_code,
                happened_on=date(2021, 6, 1),
                persons=(),
                version=here.version + 1,
            )
        )
    assert await homes(scene) == {old.id: last.id, new.id: last.id}


@pytest.mark.parametrize("first", [0, 1])
async def test_a_household_that_had_joined_one_stays_with_it_where_that_ones_own_joining_is_undone(
    scene: Scene, old: HouseholdRegistered, new: HouseholdRegistered, first: int
) -> None:
    last = await scene.known(household(members=(numbered("钱二", number(604)),)))
    joins = [(old, new), (new, last)]
    for here, there in joins if first == 0 else reversed(joins):
        empty = {"members": (), "merged_into": there.id, "version": here.version + 1}
        await scene.service.tell(HouseholdChanged(**here.model_dump() | empty))
    assert await homes(scene) == {old.id: last.id, new.id: last.id}
    await scene.service.tell(HouseholdChanged(**new.model_dump() | {"version": new.version + 2}))
    assert await homes(scene) == {old.id: new.id, new.id: new.id}
    # And that of the first of them, too, however late it is told.
    again = {"members": (), "merged_into": last.id, "version": new.version + 3}
    await scene.service.tell(HouseholdChanged(**new.model_dump() | again))
    assert await homes(scene) == {old.id: last.id, new.id: last.id}
    await scene.service.tell(HouseholdChanged(**old.model_dump() | {"version": old.version + 2}))
    assert await homes(scene) == {old.id: old.id, new.id: last.id}


async def test_a_clue_about_several_people_follows_each_of_them(
    office: Department, scene: Scene, old: HouseholdRegistered, new: HouseholdRegistered
) -> None:
    _, li = (each.id for each in old.members)
    await paid(office, 16000, "2021-05")
    await paid(office, 17000, "2021-06", LI)
    assert await open_clues(scene) == {old.id: ["department", "department"]}
    await tell_move(scene, MemberTransferred, old, new, li)
    assert await open_clues(scene) == {old.id: ["department", "department"], new.id: ["follow_up"]}


async def test_what_is_not_so_any_more_of_one_of_several_ends_where_they_are(
    office: Department, scene: Scene, old: HouseholdRegistered, new: HouseholdRegistered
) -> None:
    await paid(office, 16000, "2021-05")
    june = await paid(office, 17000, "2021-06", LI)
    old, new = await tell_move(scene, MemberTransferred, old, new, old.members[1].id)
    await tell_move(scene, MemberTransferred, new, old, new.members[-1].id, on=date(2021, 7, 1))
    assert await open_clues(scene) == {
        old.id: ["department", "department", "follow_up"],
        new.id: ["follow_up"],
    }
    await withdrawn(office, june)
    assert await open_clues(scene) == {old.id: ["department"]}
