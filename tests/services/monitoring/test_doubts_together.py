"""What several quarters say of one thing is one open doubt, explained and decided once, while one of them says so."""

from __future__ import annotations

from typing import Any

import pytest

from tests.services.monitoring.comparing import Department
from tests.services.monitoring.conftest import Scene, move
from tests.services.monitoring.doubting import LI, SAID, UPHELD, doubts, police_of, registered
from tests.services.monitoring.test_comparison_batches import withdrawn
from tests.services.monitoring.test_doubts_repeated import CAR, decided, told
from tests.services.monitoring.upgrading import bring_up

OTHER_CAR = ("面包车", "60000", "2021-05-01")
UNKNOWN_CAR = ("", "80000", "")


@pytest.fixture
async def police(scene: Scene) -> Department:
    """Who tells of vehicles; Wang and Li are known."""
    await registered(scene)
    return await police_of(scene)


async def open_doubts(scene: Scene) -> list[list[str]]:
    """Return the periods of each open doubt."""
    shown = await doubts(scene.county, state="open")
    return sorted([each["period"] for each in doubt["told_by"]] for doubt in shown)


async def explained(scene: Scene) -> dict[str, Any]:
    """Let the one open doubt be explained; return it."""
    (doubt,) = await doubts(scene.county, state="open")
    return await move(scene.village, f"/doubts/{doubt['id']}/explanation", SAID)


@pytest.mark.parametrize(
    ("quarters", "expected"),
    [
        pytest.param({"2020-Q4": [CAR], "2021-Q1": [CAR]}, [["2020-Q4", "2021-Q1"]], id="the same car"),
        pytest.param({"2021-Q1": [CAR], "2020-Q4": [CAR]}, [["2020-Q4", "2021-Q1"]], id="told of late"),
        pytest.param(
            {"2020-Q3": [CAR], "2020-Q4": [CAR], "2021-Q1": [CAR]},
            [["2020-Q3", "2020-Q4", "2021-Q1"]],
            id="three quarters",
        ),
        pytest.param({"2020-Q4": [CAR], "2021-Q1": [OTHER_CAR]}, [["2020-Q4"], ["2021-Q1"]], id="two cars"),
        pytest.param(
            {"2020-Q4": [CAR], "2021-Q1": [CAR, OTHER_CAR]}, [["2020-Q4"], ["2021-Q1"]], id="a second car"
        ),
        pytest.param(
            {"2020-Q4": [CAR, OTHER_CAR], "2021-Q1": [CAR]}, [["2020-Q4", "2021-Q1"]], id="one is left"
        ),
        pytest.param(
            {"2020-Q4": [UNKNOWN_CAR], "2021-Q1": [UNKNOWN_CAR]},
            [["2020-Q4"], ["2021-Q1"]],
            id="cars that nothing tells apart",
        ),
    ],
)
async def test_what_several_quarters_say_of_one_thing_is_one_doubt(
    police: Department, scene: Scene, quarters: dict[str, list[Any]], expected: list[list[str]]
) -> None:
    for quarter, cars in quarters.items():
        batch = await told(police, quarter, *cars)
        counted = (await police.client.get(f"/comparisons/{batch['id']}/reconciliation")).json()
        assert counted["alerts_by_outcome"] == {"doubt": 1}
    assert await open_doubts(scene) == expected


async def test_cars_of_two_people_are_two_doubts(police: Department, scene: Scene) -> None:
    await told(police, "2020-Q4", CAR)
    await told(police, "2021-Q1", CAR, owner=LI)
    assert await open_doubts(scene) == [["2020-Q4"], ["2021-Q1"]]


async def test_an_explanation_is_asked_for_once_and_accepted_for_all(
    police: Department, scene: Scene
) -> None:
    await told(police, "2020-Q4", CAR)
    await explained(scene)
    await told(police, "2021-Q1", CAR)
    await decided(scene)
    (doubt,) = await doubts(scene.county)
    assert (doubt["state"], len(doubt["told_by"])) == ("explained", 2)
    await told(police, "2021-Q2", CAR)
    assert len(await doubts(scene.county)) == 1


async def test_what_was_upheld_for_two_quarters_is_asked_again_by_neither_and_by_the_third(
    police: Department, scene: Scene
) -> None:
    await told(police, "2020-Q4", CAR)
    await told(police, "2021-Q1", CAR)
    await decided(scene, UPHELD)
    (upheld,) = await doubts(scene.county)
    await told(police, "2021-Q1", CAR, CAR)
    assert await doubts(scene.county) == [upheld], "what it was decided on stays listed"
    await told(police, "2021-Q2", CAR)
    assert await open_doubts(scene) == [["2021-Q2"]]


@pytest.mark.parametrize("gone", ["2020-Q4", "2021-Q1"])
async def test_a_doubt_stands_while_one_batch_says_so(police: Department, scene: Scene, gone: str) -> None:
    batches = {quarter: await told(police, quarter, CAR) for quarter in ("2020-Q4", "2021-Q1")}
    before = await explained(scene)
    await withdrawn(police, batches.pop(gone))
    ((quarter, batch),) = batches.items()
    (doubt,) = await doubts(scene.county, state="open")
    assert (doubt["id"], doubt["explanation"]) == (before["id"], SAID["words"])
    assert (doubt["period"], doubt["comparison_id"]) == (quarter, batch["id"])
    assert doubt["told_by"] == [{"comparison_id": batch["id"], "period": quarter}]
    again = await told(police, gone, CAR)
    assert await open_doubts(scene) == [["2020-Q4", "2021-Q1"]]
    for each in (again, batch):
        await withdrawn(police, each)
    assert [each["state"] for each in await doubts(scene.county)] == ["lapsed"]


async def test_what_is_left_is_held_against_what_is_told_later(police: Department, scene: Scene) -> None:
    both = await told(police, "2020-Q4", CAR, OTHER_CAR)
    await told(police, "2021-Q1", CAR)
    await withdrawn(police, both)
    await told(police, "2021-Q2", OTHER_CAR)
    assert await open_doubts(scene) == [["2021-Q1"], ["2021-Q2"]], "the other car is not said any more"


async def test_a_correction_brings_doubts_together_and_takes_them_apart(
    police: Department, scene: Scene
) -> None:
    await told(police, "2020-Q4", CAR)
    await told(police, "2021-Q1", OTHER_CAR)
    assert await open_doubts(scene) == [["2020-Q4"], ["2021-Q1"]]
    await told(police, "2020-Q4", OTHER_CAR)
    assert await open_doubts(scene) == [["2020-Q4"], ["2021-Q1"]], "each was raised by itself, and goes on"
    await told(police, "2021-Q2", OTHER_CAR)
    assert len(await open_doubts(scene)) == 2, "it joins one of them"
    await told(police, "2021-Q2", CAR)
    assert await open_doubts(scene) == [["2020-Q4"], ["2021-Q1"], ["2021-Q2"]]
    await told(police, "2021-Q2", OTHER_CAR, owner=LI)
    assert await open_doubts(scene) == [["2020-Q4"], ["2021-Q1"], ["2021-Q2"]]
    assert [each["state"] for each in await doubts(scene.county, state="lapsed")] == ["lapsed"]


async def test_what_was_doubted_before_an_upgrade_is_known_by_its_batch(
    police: Department, scene: Scene, postgres_admin_url: str
) -> None:
    await told(police, "2020-Q4", CAR)
    before = await open_doubts(scene)
    back = [
        "ALTER TABLE doubt DROP COLUMN comparison_ids",
        "ALTER TABLE comparison_alert DROP COLUMN doubt_id",
    ]
    await bring_up(scene, postgres_admin_url, back=back, migration="2027_01_24_monitoring_doubts_together")
    assert await open_doubts(scene) == before == [["2020-Q4"]]
    await told(police, "2021-Q1", CAR)
    assert await open_doubts(scene) == [["2020-Q4", "2021-Q1"]]
