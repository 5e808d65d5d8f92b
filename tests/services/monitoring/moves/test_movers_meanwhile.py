"""People who go to another household while a batch is compared: it ends as if one had come after the other."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import date
from types import ModuleType
from typing import Any

import pytest

from services.monitoring.comparisons import alerts, job, retracting, telling, withdrawal
from services.monitoring.comparisons.withdrawal import run_withdrawal
from shared.contracts.household import HouseholdChanged, HouseholdRegistered, MemberTransferred
from tests.services.monitoring.comparing import Department, as_csv, killed_after, number
from tests.services.monitoring.conftest import OTHER_VILLAGE, Scene, household, numbered
from tests.services.monitoring.doubting import doubts, police_of
from tests.services.monitoring.moves.test_comparison_movers import warned
from tests.services.monitoring.moves.test_moves_undone import open_clues
from tests.services.monitoring.moving import WANG, paid, tell_move
from tests.services.monitoring.test_comparison_batches import withdrawn
from tests.services.monitoring.test_rehoming import rehomed

Happening = Callable[[], Awaitable[Any]]


@pytest.fixture
async def third(scene: Scene) -> HouseholdRegistered:
    return await scene.known(household(OTHER_VILLAGE, members=(numbered("钱二", number(604)),)))


def expenses(yuan: int) -> bytes:
    return as_csv([["王建国", WANG, str(yuan), "住院"]])


@asynccontextmanager
async def meanwhile(
    module: ModuleType, stage: str, happening: Happening, *, first: bool = False
) -> AsyncIterator[None]:
    """Let something happen as far as it gets, once, right after a stage of a job or before it, and then whole."""
    whole, begun = getattr(module, stage), list[asyncio.Task[Any]]()

    async def begin() -> None:
        if not begun:
            begun.append(asyncio.ensure_future(happening()))
            await asyncio.wait(begun, timeout=1)

    async def met(*args: Any, **more: Any) -> Any:
        if first:
            await begin()
        result = await whole(*args, **more)
        await begin()
        return result

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, stage, met)
        yield
        await asyncio.gather(*begun)


@pytest.mark.parametrize("how", ["corrected", "withdrawn"])
@pytest.mark.parametrize("went_before", [False, True], ids=["for the first time", "and on"])
async def test_what_is_not_so_any_more_ends_wherever_people_went_before_it_was_taken_back(
    office: Department,
    scene: Scene,
    old: HouseholdRegistered,
    new: HouseholdRegistered,
    third: HouseholdRegistered,
    how: str,
    *,
    went_before: bool,
) -> None:
    may = await paid(office, 16000, "2021-05")
    here, there, who = old, new, old.members[0].id
    if went_before:
        _, after = await tell_move(scene, MemberTransferred, old, new, who)
        here, there, who = after, third, after.members[-1].id
    if how == "corrected":
        taken = await office.take(expenses(1))
        with killed_after(job, "tell_news"):
            await office.work(taken)
    else:
        with killed_after(withdrawal, "tell_news"):
            await withdrawn(office, may)
    await tell_move(scene, MemberTransferred, here, there, who, on=date(2021, 7, 1))
    if how == "corrected":
        await office.work(taken)
    else:
        await run_withdrawal(await office.run_named("monitoring.comparison_withdrawal"))
    assert await open_clues(scene) == {}


async def test_somebody_who_goes_while_their_warning_is_taken_back_has_none_where_they_are(
    office: Department, scene: Scene, old: HouseholdRegistered, new: HouseholdRegistered
) -> None:
    may = await paid(office, 16000, "2021-05")

    async def goes() -> None:
        await tell_move(scene, MemberTransferred, old, new, old.members[0].id, at_once=True)

    async with meanwhile(retracting, "take_back", goes, first=True):
        await withdrawn(office, may)
    assert await open_clues(scene) == {}


@pytest.mark.parametrize("stage", ["take_effect", "raise_alerts", "find_contradictions"])
async def test_a_warning_of_somebody_who_goes_while_it_is_raised_is_told_once_and_where_they_are(
    office: Department, scene: Scene, old: HouseholdRegistered, new: HouseholdRegistered, stage: str
) -> None:
    async def goes() -> None:
        await tell_move(scene, MemberTransferred, old, new, old.members[0].id, at_once=True)

    async with meanwhile(job, stage, goes):
        may = await paid(office, 16000, "2021-05")
    assert new.id in await open_clues(scene)
    june = await paid(office, 1, "2021-06")
    assert [(await office.shown(each))["alerts"] for each in (may, june)] == [1, 0]
    await withdrawn(office, may)
    assert await open_clues(scene) == {}


async def test_a_warning_that_a_correction_bears_out_stays_with_somebody_who_goes_meanwhile(
    office: Department, scene: Scene, old: HouseholdRegistered, new: HouseholdRegistered
) -> None:
    await paid(office, 16000, "2021-05")

    async def goes() -> None:
        await tell_move(scene, MemberTransferred, old, new, old.members[0].id, at_once=True)

    async with meanwhile(alerts, "_whom", goes):
        corrected = await paid(office, 17000, "2021-05")
    assert corrected["alerts"] == 1
    assert await open_clues(scene) == {old.id: ["department"], new.id: ["follow_up"]}
    assert [yuan for _, yuan, *_ in await warned(scene)] == [17000]


async def test_a_warning_of_somebody_who_goes_while_it_is_told_is_told_once(
    office: Department, scene: Scene, old: HouseholdRegistered, new: HouseholdRegistered
) -> None:
    async def goes() -> None:
        await tell_move(scene, MemberTransferred, old, new, old.members[0].id, at_once=True)

    async with meanwhile(telling, "receive_many", goes, first=True):
        may = await paid(office, 16000, "2021-05")
    assert await open_clues(scene) == {old.id: ["department"], new.id: ["follow_up"]}
    reconciled = (await scene.county.get(f"/comparisons/{may['id']}/reconciliation")).json()
    assert reconciled["alerts_by_outcome"] == {"received": 1}


async def test_a_doubt_about_somebody_who_goes_while_it_is_raised_is_where_they_are(
    scene: Scene, old: HouseholdRegistered, new: HouseholdRegistered
) -> None:
    police = await police_of(scene)

    async def goes() -> None:
        await tell_move(scene, MemberTransferred, old, new, old.members[0].id, at_once=True)

    async with meanwhile(job, "raise_alerts", goes):
        rows = as_csv([["王建国", WANG, "80000"]], headers=["姓名", "身份证号", "车辆价值"])
        await police.send(rows, "2021-Q1")
    (doubt,) = await doubts(scene.county)
    assert (doubt["household_id"], doubt["division_code"]) == (str(new.id), OTHER_VILLAGE)


async def test_a_doubt_about_a_household_that_gets_another_village_while_it_is_raised_is_seen_there(
    scene: Scene, old: HouseholdRegistered
) -> None:
    police = await police_of(scene)

    async def belongs_elsewhere() -> None:
        there = old.model_dump() | {"division_code": OTHER_VILLAGE, "version": 2}
        await scene.service.tell(HouseholdChanged(**there), rehomed(old))

    async with meanwhile(job, "raise_alerts", belongs_elsewhere):
        rows = as_csv([["王建国", WANG, "80000"]], headers=["姓名", "身份证号", "车辆价值"])
        await police.send(rows, "2021-Q1")
    (doubt,) = await doubts(scene.county)
    assert doubt["division_code"] == OTHER_VILLAGE
