"""Whoever goes to another household stays the same person: what rows say of them adds up, and follows them."""

from __future__ import annotations

from datetime import date
from unittest.mock import AsyncMock
from uuid import UUID

import pytest

from services.monitoring.comparisons import alerts
from services.monitoring.rulebook import gathering
from shared.contracts.household import (
    HouseholdMerged,
    HouseholdRegistered,
    HouseholdSplit,
    MemberTransferred,
    RegroupingState,
)
from tests.services.monitoring.comparing import Department, as_csv
from tests.services.monitoring.conftest import OTHER_VILLAGE, Scene, move
from tests.services.monitoring.doubting import ACCEPTED, SAID, doubts, police_of, told as told_of_cars
from tests.services.monitoring.moving import (
    KINDS,
    LI,
    WANG,
    gone_of,
    paid,
    tell_move,
    tell_undone,
)
from tests.services.monitoring.test_comparison_batches import withdrawn


@pytest.fixture(params=["of few", "of many", "by rows"])
def asked(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let rules be asked in each of the ways in which they are."""
    if request.param != "of few":
        monkeypatch.setattr(alerts, "_FEW", 0)
    if request.param == "by rows":
        monkeypatch.setattr(gathering, "stand_in_blocks", AsyncMock(return_value=False))


async def warned(scene: Scene, *, status: str | None = None) -> list[tuple[str, int, UUID, UUID]]:
    """Return what clues rest on: rule, sum, household and person."""
    query = {"status": status} if status else {}
    listed = (await scene.county.get("/clues", params=query)).json()["items"]
    return [
        (
            each["detail"]["rule"],
            each["detail"]["inputs"]["self_paid"],
            UUID(clue["household_id"]),
            UUID(each["member_id"]),
        )
        for clue in listed
        for each in clue["evidence"]
        if "rule" in each["detail"] and "taken_back_on" not in each
    ]


@pytest.mark.usefixtures("asked")
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("move_first", [False, True], ids=["in order", "the move before the states"])
async def test_money_of_before_and_after_a_move_adds_up(
    office: Department,
    scene: Scene,
    old: HouseholdRegistered,
    new: HouseholdRegistered,
    kind: type[RegroupingState],
    *,
    move_first: bool,
) -> None:
    await paid(office, 9000, "2021-05")
    _, after = await tell_move(scene, kind, old, new, *gone_of(kind, old), move_first=move_first)
    june = await paid(office, 7000, "2021-06")
    wang = after.members[1].id
    assert (june["alerts"], await warned(scene)) == (1, [("medical_year", 16000, new.id, wang)])
    (clue,) = (await scene.county.get("/clues", params={"division": OTHER_VILLAGE})).json()["items"]
    assert clue["household_id"] == str(new.id)


async def test_somebody_who_goes_on_and_back_again_is_one(
    office: Department, scene: Scene, old: HouseholdRegistered, new: HouseholdRegistered
) -> None:
    wang = old.members[0].id
    await paid(office, 4000, "2021-05")
    old, new = await tell_move(scene, MemberTransferred, old, new, wang)
    await paid(office, 4000, "2021-06")
    new, old = await tell_move(scene, MemberTransferred, new, old, new.members[-1].id, on=date(2021, 7, 1))
    await paid(office, 4000, "2021-07")
    await tell_move(scene, MemberTransferred, old, new, old.members[-1].id, on=date(2021, 8, 1))
    assert await warned(scene) == []
    await paid(office, 4000, "2021-08")
    assert [(rule, yuan) for rule, yuan, *_ in await warned(scene)] == [("medical_year", 16000)]


async def test_whoever_was_told_of_is_not_told_of_again_where_they_are_now(
    office: Department, scene: Scene, old: HouseholdRegistered, new: HouseholdRegistered
) -> None:
    may = await paid(office, 16000, "2021-05")
    _, after = await tell_move(scene, HouseholdSplit, old, new, old.members[0].id)
    june = await paid(office, 7000, "2021-06")
    shown = [(await office.shown(each))["alerts"] for each in (may, june)]
    assert shown == [1, 0]
    assert await warned(scene) == [("medical_year", 16000, old.id, old.members[0].id)]
    listed = (await scene.county.get("/clues")).json()["items"]
    assert {each["household_id"] for each in listed} == {str(old.id), str(after.id)}


@pytest.mark.parametrize("how", ["withdrawn", "corrected"])
async def test_what_is_not_so_any_more_ends_where_people_had_been_and_where_they_are(
    office: Department, scene: Scene, old: HouseholdRegistered, new: HouseholdRegistered, how: str
) -> None:
    may = await paid(office, 16000, "2021-05")
    await tell_move(scene, HouseholdSplit, old, new, old.members[0].id)
    assert len((await scene.county.get("/clues", params={"status": "received"})).json()["items"]) == 2
    await (withdrawn(office, may) if how == "withdrawn" else paid(office, 1, "2021-05"))
    assert (await scene.county.get("/clues", params={"status": "received"})).json()["items"] == []


async def test_an_open_clue_to_where_somebody_had_been_says_the_figures_of_a_correction(
    office: Department, scene: Scene, old: HouseholdRegistered, new: HouseholdRegistered
) -> None:
    await paid(office, 16000, "2021-05")
    await tell_move(scene, HouseholdSplit, old, new, old.members[0].id)
    await paid(office, 17000, "2021-05")
    assert await warned(scene) == [("medical_year", 17000, old.id, old.members[0].id)]


async def test_a_move_that_is_undone_leaves_everything_where_it_was(
    office: Department, scene: Scene, old: HouseholdRegistered, new: HouseholdRegistered
) -> None:
    wang = old.members[0].id
    await paid(office, 5000, "2021-05")
    old, new = await tell_move(scene, HouseholdSplit, old, new, wang)
    await paid(office, 5000, "2021-06")
    await tell_undone(scene, old, new, wang)
    await paid(office, 6000, "2021-07")
    assert await warned(scene) == [("medical_year", 16000, old.id, wang)]


async def test_of_money_of_last_year_nobody_is_told_again_after_a_move(
    office: Department, scene: Scene, old: HouseholdRegistered, new: HouseholdRegistered
) -> None:
    await paid(office, 16000, "2021-12")
    scene.go_to(2022, 2, 1)
    await tell_move(scene, HouseholdSplit, old, new, old.members[0].id, on=date(2022, 1, 5))
    january = await paid(office, 1, "2022-01")
    assert january["alerts"] == 0


@pytest.mark.usefixtures("asked")
async def test_what_others_of_the_household_paid_stays_with_it(
    office: Department, scene: Scene, old: HouseholdRegistered, new: HouseholdRegistered
) -> None:
    await paid(office, 9000, "2021-05")
    await paid(office, 9000, "2021-06", LI)
    await tell_move(scene, HouseholdSplit, old, new, old.members[0].id)
    await paid(office, 7000, "2021-07", LI)
    assert await warned(scene) == [("medical_year", 16000, old.id, old.members[1].id)]


@pytest.mark.parametrize("kind", KINDS)
async def test_a_doubt_goes_along_and_is_explained_where_its_person_is(
    scene: Scene, old: HouseholdRegistered, new: HouseholdRegistered, kind: type[RegroupingState]
) -> None:
    police = await police_of(scene)
    batch = await told_of_cars(police, WANG)
    (doubt,) = await doubts(scene.county)
    _, after = await tell_move(scene, kind, old, new, *gone_of(kind, old))
    (moved,) = await doubts(scene.county, household_id=str(new.id))
    about = (moved["id"], moved["person_name"], moved["member_id"], moved["division_code"])
    assert about == (doubt["id"], "王建国", str(after.members[1].id), OTHER_VILLAGE)
    await told_of_cars(police, WANG, yuan=90000)
    (again,) = await doubts(scene.county)
    assert (again["id"], again["inputs"]["value"], again["state"]) == (doubt["id"], 90000, "open")
    there = await scene.service.caller("village_officer", OTHER_VILLAGE, subject="village-there")
    await move(there, f"/doubts/{doubt['id']}/explanation", SAID)
    await move(scene.county, f"/doubts/{doubt['id']}/decision", ACCEPTED)
    await told_of_cars(police, WANG, yuan=90001)
    assert [each["state"] for each in await doubts(scene.county)] == ["explained"]
    assert batch["alerts"] == 1


async def test_what_was_explained_before_a_move_is_not_asked_again(
    scene: Scene, old: HouseholdRegistered, new: HouseholdRegistered
) -> None:
    police = await police_of(scene)
    rows = as_csv([["王建国", WANG, "轿车", "80000"]], headers=["姓名", "身份证号", "车型", "车辆价值"])
    await police.send(rows, "2021-Q1")
    (doubt,) = await doubts(scene.county)
    await move(scene.village, f"/doubts/{doubt['id']}/explanation", SAID)
    await move(scene.county, f"/doubts/{doubt['id']}/decision", ACCEPTED)
    await tell_move(scene, HouseholdSplit, old, new, old.members[0].id)
    await police.send(rows, "2021-Q2")
    assert [(each["id"], each["state"]) for each in await doubts(scene.county)] == [
        (doubt["id"], "explained")
    ]


async def test_what_is_not_said_any_more_of_somebody_who_moved_lapses(
    scene: Scene, old: HouseholdRegistered, new: HouseholdRegistered
) -> None:
    police = await police_of(scene)
    batch = await told_of_cars(police, WANG)
    await tell_move(scene, HouseholdMerged, old, new, *gone_of(HouseholdMerged, old))
    await withdrawn(police, batch)
    assert [each["state"] for each in await doubts(scene.county)] == ["lapsed"]
