"""What a batch tells while another of the county comes: each warning once, and none that does not hold any more."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from services.monitoring.clues.commands import receive_many
from services.monitoring.comparisons import job, telling
from tests.services.monitoring.comparing import Department, as_csv, killed_after, number
from tests.services.monitoring.conftest import COUNTY, Scene, household, move, numbered
from tests.services.monitoring.test_comparison_batches import withdrawn

WANG = number(821)


@pytest.fixture
async def office(scene: Scene) -> Department:
    await scene.known(household(members=(numbered("王建国", WANG),)))
    return Department(scene.service, await scene.service.caller("department", COUNTY, subject="yibao"))


def paid(yuan: int) -> bytes:
    return as_csv([["王建国", WANG, str(yuan), "住院"]])


async def standing(scene: Scene) -> list[tuple[str, list[bool]]]:
    """Return each clue: its state, and whether what was told for it stands."""
    clues = (await scene.county.get("/clues")).json()["items"]
    return [(clue["status"], ["taken_back_on" not in each for each in clue["evidence"]]) for clue in clues]


@contextmanager
def meanwhile(office: Department, taken: dict[str, Any]) -> Iterator[list[asyncio.Task[Any]]]:
    """Let another batch be compared as far as it gets while the first clues are about to be written."""
    begun: list[asyncio.Task[Any]] = []

    async def late(*args: Any) -> Any:
        if not begun:
            begun.append(asyncio.create_task(office.work(taken)))
            await asyncio.wait(begun, timeout=1)
        return await receive_many(*args)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(telling, "receive_many", late)
        yield begun


async def test_a_warning_that_is_corrected_away_while_it_is_told_leaves_no_open_clue(
    office: Department, scene: Scene
) -> None:
    slip, right = await office.take(paid(20000)), await office.take(paid(200))
    with meanwhile(office, right) as begun:
        await office.work(slip)
        await asyncio.gather(*begun)
    assert await standing(scene) == [("dismissed", [False])]
    assert [(await office.shown(each))["alerts"] for each in (slip, right)] == [0, 0]


async def test_a_warning_of_two_batches_at_once_is_told_once_and_ends_with_either(
    office: Department, scene: Scene
) -> None:
    march, april = await office.take(paid(9000), "2021-03"), await office.take(paid(7000), "2021-04")
    corrected = await office.take(paid(7001), "2021-04")
    await office.work(march)
    with meanwhile(office, corrected) as begun:
        await office.work(april)
        await asyncio.gather(*begun)
    assert await standing(scene) == [("received", [True])]
    await office.send(paid(1), "2021-03")
    assert await standing(scene) == [("dismissed", [False])]


async def said(scene: Scene) -> list[list[float]]:
    """Return the sums that were told for each clue, in figures and in words alike."""
    clues = (await scene.county.get("/clues")).json()["items"]
    told = [
        (each["detail"]["inputs"]["self_paid"], each["facts"]) for clue in clues for each in clue["evidence"]
    ]
    assert all(f"{paid:,.2f}" in facts for paid, facts in told), told
    return [[each["detail"]["inputs"]["self_paid"] for each in clue["evidence"]] for clue in clues]


async def test_an_open_clue_says_the_sum_of_the_correction_and_a_settled_one_what_it_rests_on(
    office: Department, scene: Scene
) -> None:
    first = await office.send(paid(20000))
    assert await said(scene) == [[20000]]
    (clue,) = (await scene.county.get("/clues")).json()["items"]
    address = f"/clues/{clue['id']}"
    await move(scene.village, f"{address}/dismissal", {"reason": "已由商业保险理赔"})
    await office.send(paid(30000))
    assert await said(scene) == [[30000]]
    shown = (await scene.county.get(address)).json()
    # Whoever would dismiss it had looked at another sum.
    assert (shown["status"], shown["dismissal"]) == ("received", None)
    assert shown["evidence"][0]["reference"] == f"comparison:{first['id']}"
    (reason,) = (await scene.county.get(f"{address}/explanation")).json()["reasons"]
    assert reason["inputs"]["self_paid"] == 30000
    version = shown["version"]
    await office.send(paid(30000) + b"\r\n")
    assert (await scene.county.get(address)).json()["version"] == version
    await move(scene.village, f"{address}/acceptance", {"verdict": "属实"}, expect=201)
    await office.send(paid(40000))
    assert await said(scene) == [[30000]]
    # Taken back, it is known by what it was told under.
    await office.send(paid(1))
    assert await standing(scene) == [("verified_at_risk", [False])]


async def test_of_a_killed_correction_each_open_clue_says_the_new_sum(
    office: Department, scene: Scene
) -> None:
    await office.send(paid(20000))
    taken = await office.take(paid(30000))
    with killed_after(job, "tell_clues"):
        await office.work(taken)
    assert await said(scene) == [[20000]]
    await office.work(taken)
    assert await said(scene) == [[30000]]


async def test_a_sum_to_which_a_late_month_adds_is_said_by_the_open_clue(
    office: Department, scene: Scene
) -> None:
    await office.send(paid(20000), "2021-04")
    late = await office.send(paid(500), "2021-03")
    assert await said(scene) == [[20500]]
    await withdrawn(office, late)
    assert await said(scene) == [[20000]]
