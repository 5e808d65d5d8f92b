"""Across the turn of the year the same money warns once: whom last year's sum told of, twelve months do not again."""

from __future__ import annotations

from typing import Any

import pytest

from shared.contracts.household import HouseholdChanged, HouseholdRegistered
from tests.services.monitoring.comparing import Department, as_csv, number
from tests.services.monitoring.conftest import COUNTY, Scene, household, move, numbered
from tests.services.monitoring.test_comparison_batches import withdrawn

WANG = number(201)


@pytest.fixture
async def home(scene: Scene) -> HouseholdRegistered:
    return await scene.known(household(members=(numbered("王建国", WANG),)))


@pytest.fixture
async def office(scene: Scene, home: HouseholdRegistered) -> Department:
    assert home.members
    scene.go_to(2022, 5, 1)
    return Department(scene.service, await scene.service.caller("department", COUNTY, subject="yibao"))


async def paid(office: Department, yuan: int, period: str) -> dict[str, Any]:
    """Send what somebody paid in a month."""
    return await office.send(as_csv([["王建国", WANG, str(yuan), "住院"]]), period)


async def told(scene: Scene) -> list[tuple[str, int]]:
    """Return what clues rest on: rule and sum of each piece of evidence that stands."""
    listed = (await scene.county.get("/clues")).json()["items"]
    return [
        (each["detail"]["rule"], each["detail"]["inputs"]["self_paid"])
        for clue in listed
        for each in clue["evidence"]
        if "taken_back_on" not in each
    ]


async def dismissed(scene: Scene, address: str) -> None:
    await move(scene.village, f"{address}/dismissal", {"reason": "已由商业保险理赔"})
    await move(scene.town, f"{address}/dismissal/confirmation")


async def confirmed(scene: Scene, address: str) -> None:
    await move(scene.village, f"{address}/acceptance", {"verdict": "属实"}, expect=201)


@pytest.mark.parametrize("settle", [dismissed, confirmed])
async def test_of_what_december_told_a_yuan_in_january_tells_nothing(
    office: Department, scene: Scene, settle: Any
) -> None:
    await paid(office, 16000, "2021-12")
    (clue,) = (await scene.county.get("/clues")).json()["items"]
    await settle(scene, f"/clues/{clue['id']}")
    january = await paid(office, 1, "2022-01")
    assert (january["alerts"], await told(scene)) == (0, [("medical_year", 16000)])


async def test_what_the_new_year_comes_to_by_itself_is_told(office: Department, scene: Scene) -> None:
    await paid(office, 16000, "2021-12")
    for yuan, period in ((8000, "2022-01"), (7000, "2022-02"), (1, "2022-03")):
        assert (await told(scene))[1:] == []
        await paid(office, yuan, period)
    assert (await told(scene))[1:] == [("medical_year", 15001)]


async def test_a_year_that_warned_of_nobody_is_told_once_people_are_of_another_class(
    office: Department, scene: Scene, home: HouseholdRegistered
) -> None:
    """By the class of today the sum of last year would be over: yet nobody was told of it."""
    await paid(office, 12000, "2021-12")
    assert await told(scene) == []
    poor = home.model_dump() | {"minimum_living": True, "version": 2}
    await scene.service.tell(HouseholdChanged(**poor))
    await paid(office, 1, "2022-01")
    assert await told(scene) == [("medical_twelve_months", 12001)]


async def test_what_december_told_it_told_however_little_the_class_of_today_would_ask(
    office: Department, scene: Scene, home: HouseholdRegistered
) -> None:
    poor = home.model_dump() | {"minimum_living": True, "version": 2}
    await scene.service.tell(HouseholdChanged(**poor))
    await paid(office, 12000, "2021-12")
    await scene.service.tell(HouseholdChanged(**poor | {"minimum_living": False, "version": 3}))
    january = await paid(office, 4000, "2022-01")
    assert (january["alerts"], await told(scene)) == (0, [("medical_year", 12000)])


@pytest.mark.parametrize("how", ["withdrawn", "corrected"])
async def test_where_december_told_in_error_twelve_months_tell_what_is_left(
    office: Department, scene: Scene, how: str
) -> None:
    await paid(office, 9000, "2021-11")
    december = await paid(office, 16000, "2021-12")
    january = await paid(office, 7000, "2022-01")
    assert (january["alerts"], await told(scene)) == (0, [("medical_year", 25000)])
    if how == "withdrawn":
        await withdrawn(office, december)
    else:
        await paid(office, 1, "2021-12")
    left = 16000 if how == "withdrawn" else 16001
    assert (await office.shown(january))["alerts"] == 1
    assert await told(scene) == [("medical_twelve_months", left)]


async def test_a_december_that_comes_after_january_takes_its_word_over(
    office: Department, scene: Scene
) -> None:
    await paid(office, 9000, "2021-11")
    january = await paid(office, 7000, "2022-01")
    assert (january["alerts"], await told(scene)) == (1, [("medical_twelve_months", 16000)])
    await paid(office, 16000, "2021-12")
    assert (await office.shown(january))["alerts"] == 0
    assert await told(scene) == [("medical_year", 25000)]


async def test_a_trial_goes_by_what_was_told_as_well(office: Department, scene: Scene) -> None:
    poor = number(202)
    await scene.known(household(members=(numbered("李秀英", poor),)))
    rows = [["王建国", WANG, "16000", "住院"], ["李秀英", poor, "12000", "住院"]]
    await office.send(as_csv(rows), "2021-12")
    await office.send(as_csv([[*row[:2], "1", "住院"] for row in rows]), "2022-01")
    classes = ("destitute", "minimum_living", "monitored", "lifted", "general")
    form = {"rule": "medical_twelve_months", "thresholds": {"most": dict.fromkeys(classes, 10_000)}}
    scene.go_to(2022, 5, 31)
    for as_of in (None, "2022-05-15T00:00:00Z"):
        answer = await scene.county.post("/rules/trials", json=form | {"as_of": as_of})
        assert answer.status_code == 200, answer.text
        (moved,) = answer.json()["moved"]["items"]
        assert (answer.json()["now"], moved["inputs"]["self_paid"]) == (0, 12001)
