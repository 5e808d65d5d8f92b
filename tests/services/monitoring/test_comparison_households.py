"""What is told of a household itself: by whom it is found, and where it goes with whoever leaves it."""

from __future__ import annotations

from datetime import date
from typing import Any

import httpx
import pytest

from shared.contracts.household import HouseholdRegistered, HouseholdSplit
from tests.services.monitoring.comparing import Department, as_csv
from tests.services.monitoring.conftest import COUNTY, OTHER_VILLAGE, Scene, household
from tests.services.monitoring.moving import LI, WANG, lived_in, tell_move
from tests.services.monitoring.test_comparison_batches import withdrawn

UNSAFE = ["户主姓名", "户主身份证号", "所在村", "鉴定等级", "鉴定日期"]


@pytest.fixture
async def old(scene: Scene) -> HouseholdRegistered:
    return await lived_in(scene)


@pytest.fixture
async def builders(scene: Scene) -> Department:
    scene.go_to(2021, 12, 1)
    client = await scene.service.caller("department", COUNTY, subject="zhujian")
    return Department(scene.service, client, "unsafe_housing")


async def founded(scene: Scene) -> HouseholdRegistered:
    return await scene.known(household(OTHER_VILLAGE, members=()))


async def found(builders: Department, grade: str, *, whose: str = WANG) -> dict[str, Any]:
    name = {WANG: "王建国", LI: "李秀英"}[whose]
    return await builders.send(as_csv([[name, whose, "", grade, "2021-04-01"]], headers=UNSAFE), "2021-Q2")


async def clues(county: httpx.AsyncClient, *homes: HouseholdRegistered) -> list[list[str]]:
    """Return how the clues to each of some households stand."""
    listed = (await county.get("/clues")).json()["items"]
    return [[each["status"] for each in listed if each["household_id"] == str(home.id)] for home in homes]


@pytest.mark.parametrize("how", ["withdrawn", "corrected"])
async def test_what_is_not_so_any_more_of_a_house_ends_for_those_who_left_it_too(
    builders: Department, scene: Scene, old: HouseholdRegistered, how: str
) -> None:
    batch = await found(builders, "D")
    _, new = await tell_move(scene, HouseholdSplit, old, await founded(scene), old.members[1].id)
    _, newest = await tell_move(
        scene, HouseholdSplit, new, await founded(scene), new.members[0].id, on=date(2021, 7, 1)
    )
    assert await clues(scene.county, old, new, newest) == [["received"]] * 3
    await (withdrawn(builders, batch) if how == "withdrawn" else found(builders, "A"))
    assert await clues(scene.county, old, new, newest) == [["dismissed"]] * 3


async def test_what_somebody_else_told_of_them_stays(
    builders: Department, scene: Scene, old: HouseholdRegistered
) -> None:
    batch = await found(builders, "D")
    _, new = await tell_move(scene, HouseholdSplit, old, await founded(scene), old.members[1].id)
    there = await scene.service.caller("village_officer", OTHER_VILLAGE, subject="village-there")
    await scene.clue(new.id, there, risk_type="housing")
    await withdrawn(builders, batch)
    assert await clues(scene.county, old, new) == [["dismissed"], ["received"]]
