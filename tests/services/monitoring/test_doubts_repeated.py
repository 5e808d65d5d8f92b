"""What was explained and accepted is not asked again each quarter, until it is another thing."""

from __future__ import annotations

from typing import Any

import pytest

from services.monitoring.datasets.catalog import Dataset, datasets
from services.monitoring.rulebook.documents import shipped_rules
from tests.services.monitoring.comparing import Department, as_csv
from tests.services.monitoring.conftest import COUNTY, Scene, move
from tests.services.monitoring.doubting import (
    ACCEPTED,
    LI,
    OWNERS,
    SAID,
    UPHELD,
    WANG,
    doubts,
    police_of,
    registered,
)
from tests.services.monitoring.test_comparison_batches import withdrawn

CAR = ("大众轿车", "80000", "2019-03-02")
HEADERS = ["姓名", "身份证号", "车型", "车辆价值", "登记日期"]
Car = tuple[str, str, str]


@pytest.fixture
async def police(scene: Scene) -> Department:
    """Who tells of vehicles; Wang and Li are known."""
    await registered(scene)
    return await police_of(scene)


async def told(police: Department, period: str, *cars: Car, owner: str = WANG) -> dict[str, Any]:
    rows = [(OWNERS[owner], owner, *car) for car in cars]
    return await police.send(as_csv(rows, headers=HEADERS), period)


async def decided(scene: Scene, decision: dict[str, Any] = ACCEPTED) -> None:
    """Let the one open doubt be explained, and decided on."""
    (doubt,) = await doubts(scene.county, state="open")
    await move(scene.village, f"/doubts/{doubt['id']}/explanation", SAID)
    await move(scene.county, f"/doubts/{doubt['id']}/decision", decision)


@pytest.mark.check
def test_every_negative_list_says_what_tells_one_thing_from_another() -> None:
    doubted = {code for rule in shipped_rules().values() if rule.meaning == "doubt" for code in rule.told_by}
    assert {code for code, dataset in datasets().items() if dataset.identified_by} == doubted


@pytest.mark.check
@pytest.mark.parametrize("column", ["name", "plate"])
def test_things_are_not_told_apart_by_whose_they_are_or_by_what_nobody_writes(column: str) -> None:
    written = datasets()["vehicle"].model_dump(by_alias=True)
    with pytest.raises(ValueError, match=column):
        Dataset.model_validate(written | {"identified_by": (column,)})


@pytest.mark.parametrize(
    ("next_quarter", "doubted"),
    [
        pytest.param([CAR], False, id="the same car"),
        pytest.param([(CAR[0], "71000", CAR[2])], False, id="the same car, which is worth less by now"),
        pytest.param([CAR, CAR], False, id="the same car twice"),
        pytest.param([("大众轿车", "80000", "2021-05-01")], True, id="another car"),
        pytest.param([CAR, ("面包车", "60000", "2021-05-01")], True, id="a second car"),
        pytest.param([("", "80000", "")], True, id="a car that nothing tells apart"),
    ],
)
async def test_of_an_accepted_explanation_only_another_thing_raises_a_doubt_again(
    police: Department,
    scene: Scene,
    next_quarter: list[Car],
    doubted: bool,  # noqa: FBT001 - a column of the table
) -> None:
    await told(police, "2021-Q1", CAR)
    await decided(scene)
    batch = await told(police, "2021-Q2", *next_quarter)
    assert [each["period"] for each in await doubts(scene.county, state="open")] == ["2021-Q2"] * doubted
    counted = (await police.client.get(f"/comparisons/{batch['id']}/reconciliation")).json()
    assert counted["alerts_by_outcome"] == {"doubt" if doubted else "explained_before": 1}
    assert counted["verdicts"] == []


async def test_what_was_upheld_is_asked_again(police: Department, scene: Scene) -> None:
    await told(police, "2020-Q3", CAR)
    await decided(scene, UPHELD)
    await told(police, "2020-Q4", CAR)
    (doubt,) = await doubts(scene.county, state="open")
    assert doubt["period"] == "2020-Q4"


async def test_an_explanation_is_that_of_one_person_only(police: Department, scene: Scene) -> None:
    await told(police, "2021-Q1", CAR)
    await decided(scene)
    await told(police, "2021-Q2", CAR, owner=LI)
    (doubt,) = await doubts(scene.county, state="open")
    assert doubt["person_name"] == "李秀英"


async def test_a_correction_that_names_another_thing_raises_the_doubt_and_one_that_does_not_lets_it_lapse(
    police: Department, scene: Scene
) -> None:
    await told(police, "2021-Q1", CAR)
    await decided(scene)
    await told(police, "2021-Q2", CAR)
    assert await doubts(scene.county, state="open") == []
    corrected = await told(police, "2021-Q2", ("越野车", "200000", "2021-05-01"))
    assert [each["inputs"]["value"] for each in await doubts(scene.county, state="open")] == [200000]
    await withdrawn(police, corrected)
    assert await doubts(scene.county, state="open") == []
    again = await told(police, "2021-Q2", CAR)
    assert (again["alerts"], await doubts(scene.county, state="open")) == (1, [])


async def test_a_doubt_lapses_once_a_correction_leaves_of_it_what_was_explained(
    police: Department, scene: Scene
) -> None:
    await told(police, "2021-Q1", CAR)
    await decided(scene)
    van = ("面包车", "60000", "2021-05-01")
    await told(police, "2021-Q2", CAR, van)
    (doubt,) = await doubts(scene.county, state="open")
    corrected = await told(police, "2021-Q2", CAR)
    assert await doubts(scene.county, state="open") == []
    counted = (await police.client.get(f"/comparisons/{corrected['id']}/reconciliation")).json()
    assert counted["alerts_by_outcome"] == {"explained_before": 1}
    await told(police, "2021-Q2", van)
    assert [each["id"] for each in await doubts(scene.county, state="open")] == [doubt["id"]]


async def test_what_two_senders_tell_of_a_quarter_is_taken_together(police: Department, scene: Scene) -> None:
    await told(police, "2021-Q1", CAR)
    await decided(scene)
    other = Department(
        scene.service, await scene.service.caller("department", COUNTY, subject="jiaojing"), "vehicle"
    )
    await told(police, "2021-Q2", CAR)
    await told(other, "2021-Q2", ("货车", "90000", "2021-05-01"))
    (doubt,) = await doubts(scene.county, state="open")
    assert doubt["inputs"]["value"] == 90000
