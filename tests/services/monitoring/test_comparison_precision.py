"""Verdicts measure how good warnings were, whatever becomes of the rows that they were about."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from tests.services.monitoring.comparing import Department, as_csv, number
from tests.services.monitoring.conftest import COUNTY, OTHER_TOWN, Scene, household, move, numbered
from tests.services.monitoring.journey import monitored
from tests.services.monitoring.test_comparison_batches import withdrawn
from tests.services.monitoring.test_rehoming import belongs_elsewhere

WANG, ZHAO = number(801), number(803)
PEOPLE = {"wang": ("王建国", WANG), "zhao": ("赵敏", ZHAO)}


@pytest.fixture
async def office(scene: Scene) -> Department:
    for person in PEOPLE.values():
        await scene.known(household(members=(numbered(*person),)))
    return Department(scene.service, await scene.service.caller("department", COUNTY, subject="yibao"))


def paid(**yuan: int) -> bytes:
    return as_csv([[*PEOPLE[who], str(much), "住院"] for who, much in yuan.items()])


async def accepted(scene: Scene) -> None:
    for clue in await open_clues(scene):
        await move(scene.village, f"/clues/{clue['id']}/acceptance", {"verdict": "属实"}, expect=201)


async def dismissed(scene: Scene) -> None:
    for clue in await open_clues(scene):
        await move(scene.village, f"/clues/{clue['id']}/dismissal", {"reason": "已由商业保险理赔"})
        await move(scene.town, f"/clues/{clue['id']}/dismissal/confirmation")


async def open_clues(scene: Scene) -> list[dict[str, Any]]:
    return [each for each in (await scene.county.get("/clues")).json()["items"] if not each["settled_on"]]


async def measured(who: httpx.AsyncClient) -> list[tuple[Any, ...]]:
    """Alerts, confirmed, dismissed, covered, open, precision of each rule."""
    told = (await who.get("/datasets/medical_expense/precision")).json()
    names = ("alerts", "confirmed", "dismissed", "covered", "open", "precision")
    return [tuple(each[name] for name in names) for each in told]


async def verdicts(office: Department, batch: dict[str, Any]) -> list[int]:
    told = (await office.client.get(f"/comparisons/{batch['id']}/reconciliation")).json()["verdicts"]
    return [each["alerts"] for each in told]


async def test_a_confirmed_warning_counts_on_once_its_batch_is_withdrawn(
    office: Department, scene: Scene
) -> None:
    batch = await office.send(paid(wang=20000))
    await accepted(scene)
    await withdrawn(office, batch)
    assert await measured(office.client) == [(1, 1, 0, 0, 0, 1.0)]
    assert await verdicts(office, batch) == [], "the batch itself tells of nobody any more"
    other = await scene.service.caller("department", COUNTY, subject="minzheng")
    assert await measured(other) == []


async def test_a_false_warning_counts_on_once_its_row_is_corrected(office: Department, scene: Scene) -> None:
    await office.send(paid(wang=20000, zhao=20000))
    await dismissed(scene)
    corrected = await office.send(paid(wang=20000, zhao=20))
    assert await measured(office.client) == [(2, 0, 2, 0, 0, 0.0)]
    assert await verdicts(office, corrected) == [1]
    assert await measured(scene.town) == [(2, 0, 2, 0, 0, 0.0)]


async def test_a_verdict_counts_on_once_a_batch_is_corrected_to_nothing_and_a_new_warning_beside_it(
    office: Department, scene: Scene
) -> None:
    nothing = as_csv([])
    await office.send(paid(wang=20000))
    await dismissed(scene)
    await office.send(nothing, nobody="true")
    assert await measured(office.client) == [(1, 0, 1, 0, 0, 0.0)]
    await office.send(paid(wang=20000))
    assert await measured(office.client) == [(2, 0, 1, 0, 1, 0.0)]
    await accepted(scene)
    await office.send(nothing, nobody="true")
    assert await measured(office.client) == [(2, 1, 1, 0, 0, 0.5)]


async def test_a_verdict_stays_one_while_a_correction_or_another_month_says_the_same(
    office: Department, scene: Scene
) -> None:
    march = await office.send(paid(wang=20000), "2021-03")
    await office.send(paid(wang=17000), "2021-04")
    await accepted(scene)
    await office.send(paid(wang=21000), "2021-03")
    assert await measured(office.client) == [(1, 1, 0, 0, 0, 1.0)]
    assert (await office.shown(march))["superseded_by"]


async def test_what_people_found_out_once_counts_once_where_the_same_is_withdrawn_and_sent_again(
    office: Department, scene: Scene
) -> None:
    for _ in range(3):
        batch = await office.send(paid(wang=20000))
        await accepted(scene)
        assert await measured(office.client) == [(1, 1, 0, 0, 0, 1.0)]
        await withdrawn(office, batch)
    assert len((await scene.county.get("/clues")).json()["items"]) == 1
    assert await measured(office.client) == [(1, 1, 0, 0, 0, 1.0)]


async def test_what_nobody_had_settled_when_it_was_taken_back_counts_in_none(
    office: Department,
) -> None:
    await office.send(paid(wang=20000))
    await office.send(paid(wang=20))
    assert await measured(office.client) == []
    batch = await office.send(paid(wang=20000))
    await withdrawn(office, batch)
    assert await measured(office.client) == []


async def test_a_warning_about_a_watched_household_stays_covered_once_it_is_withdrawn(scene: Scene) -> None:
    home = await scene.known(household(members=(numbered(*PEOPLE["zhao"]),)))
    await monitored(scene, home.id)
    office = Department(scene.service, await scene.service.caller("department", COUNTY, subject="yibao"))
    batch = await office.send(paid(zhao=20000))
    assert await measured(office.client) == [(1, 0, 0, 1, 0, None)]
    await withdrawn(office, batch)
    assert await measured(office.client) == [(1, 0, 0, 1, 0, None)]
    await office.send(paid(zhao=20000))
    assert await measured(office.client) == [(1, 0, 0, 1, 0, None)]


async def test_a_verdict_goes_along_with_a_household_that_belongs_elsewhere(scene: Scene) -> None:
    home = await scene.known(household(members=(numbered(*PEOPLE["zhao"]),)))
    office = Department(scene.service, await scene.service.caller("department", COUNTY, subject="yibao"))
    batch = await office.send(paid(zhao=20000))
    await accepted(scene)
    await withdrawn(office, batch)
    await belongs_elsewhere(scene, home)
    there = await scene.service.caller("town_officer", OTHER_TOWN)
    assert (await measured(scene.town), await measured(there)) == ([], [(1, 1, 0, 0, 0, 1.0)])


async def test_warnings_since_a_day_are_those_since_it_began_in_the_county(
    office: Department, scene: Scene
) -> None:
    scene.service.clock.moment = datetime(2021, 6, 10, 17, 0, tzinfo=UTC)
    await office.send(paid(wang=20000))
    for day, warnings in (("2021-06-10", 1), ("2021-06-11", 1), ("2021-06-12", 0), ("0001-01-01", 1)):
        told = await office.client.get("/datasets/medical_expense/precision", params={"since": day})
        assert sum(each["alerts"] for each in told.json()) == warnings, day
