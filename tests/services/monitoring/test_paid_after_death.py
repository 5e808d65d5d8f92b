"""Public money for somebody who is dead, as the registry has it: a doubt, that lapses with the row that says so."""

from __future__ import annotations

from typing import Any

import pytest

from shared.contracts.household import HouseholdChanged, HouseholdRegistered
from tests.services.monitoring.comparing import Department, as_csv, number
from tests.services.monitoring.conftest import COUNTY, Scene, household, numbered
from tests.services.monitoring.doubting import doubts
from tests.services.monitoring.test_comparison_batches import withdrawn
from tests.services.monitoring.test_comparison_rules import clues

WANG, DEAD, LATELY, MOVED = number(821), number(822), number(823), number(824)
NAMES = {WANG: "王建国", DEAD: "王老", LATELY: "李大爷", MOVED: "赵敏"}


@pytest.fixture
async def family(scene: Scene) -> HouseholdRegistered:
    gone = {
        DEAD: {"left_on": "2021-02-28", "leave_reason": "death"},
        LATELY: {"left_on": "2021-05-02", "leave_reason": "death"},
        MOVED: {"left_on": "2021-01-01", "leave_reason": "moved_out"},
    }
    persons = tuple(numbered(NAMES[each], each, **gone.get(each, {})) for each in NAMES)
    return await scene.known(household(members=persons))


@pytest.fixture
async def department(scene: Scene, family: HouseholdRegistered) -> Department:
    assert family.members
    return Department(scene.service, await scene.service.caller("department", COUNTY), "relief")


def paid(*numbers: str, cell: str = "500", header: str = "救助金额") -> bytes:
    return as_csv([(NAMES[each], each, cell) for each in numbers], headers=["姓名", "身份证号", header])


async def raised(scene: Scene) -> list[tuple[str, str, str]]:
    """Who is in doubt, by which rule, and whether still."""
    return [
        (each["person_name"], each["why"]["zh"]["rule"], each["state"]) for each in await doubts(scene.county)
    ]


@pytest.mark.parametrize(
    ("dataset", "period", "header", "cell", "rule"),
    [
        pytest.param("relief", "2021-05", "救助金额", "500", "死亡后发放临时救助", id="relief"),
        pytest.param(
            "minimum_living", "2021-05", "变动类型", "新增", "死亡后新纳入低保或特困", id="minimum living"
        ),
        pytest.param("destitute", "2021-05", "变动类型", "新增", "死亡后新纳入低保或特困", id="destitute"),
        pytest.param("payroll", "2021-Q2", "单位", "镇政府", "死亡后仍由财政供养", id="payroll"),
    ],
)
async def test_money_for_somebody_who_died_before_the_period_is_a_doubt(
    department: Department, scene: Scene, *, dataset: str, period: str, header: str, cell: str, rule: str
) -> None:
    department.dataset = dataset
    batch = await department.send(paid(DEAD, LATELY, MOVED, cell=cell, header=header), period)
    assert (batch["matched"], batch["departed"], batch["alerts"]) == (0, 3, 1)
    assert await raised(scene) == [("王老", rule, "open")]
    assert await clues(scene) == []


async def test_that_support_ended_with_a_death_is_as_it_should_be(
    department: Department, scene: Scene
) -> None:
    department.dataset = "minimum_living"
    await department.send(paid(DEAD, cell="停止", header="变动类型"))
    assert await raised(scene) == []


async def test_rows_about_the_living_are_asked_as_ever(department: Department, scene: Scene) -> None:
    content = as_csv(
        [("王建国", WANG, "500")] * 3 + [("王老", DEAD, "500")], headers=["姓名", "身份证号", "救助金额"]
    )
    batch = await department.send(content)
    assert (batch["matched"], batch["departed"], batch["alerts"]) == (3, 1, 2)
    assert [each["risk_type"] for each in await clues(scene)] == ["other"]
    assert await raised(scene) == [("王老", "死亡后发放临时救助", "open")]


@pytest.mark.parametrize("how", ["correction", "withdrawal"])
async def test_the_doubt_lapses_with_the_row(department: Department, scene: Scene, how: str) -> None:
    batch = await department.send(paid(WANG, DEAD))
    assert await raised(scene) == [("王老", "死亡后发放临时救助", "open")]
    if how == "correction":
        corrected = await department.send(paid(WANG))
        assert corrected["alerts"] == 0
    else:
        await withdrawn(department, batch)
    assert [state for *_, state in await raised(scene)] == ["lapsed"]


async def test_the_same_row_in_a_correction_is_the_same_doubt(department: Department, scene: Scene) -> None:
    await department.send(paid(DEAD))
    before: list[dict[str, Any]] = await doubts(scene.county)
    corrected = await department.send(paid(DEAD, LATELY))
    (after,) = await doubts(scene.county)
    assert (after["id"], after["comparison_id"]) == (before[0]["id"], corrected["id"])


async def test_who_died_between_a_batch_and_its_correction_is_warned_of_no_more(
    department: Department, scene: Scene, family: HouseholdRegistered
) -> None:
    rows = [("王建国", WANG, "500")] * 3
    headers = ["姓名", "身份证号", "救助金额"]
    await department.send(as_csv(rows, headers=headers))
    assert [each["status"] for each in await clues(scene)] == ["received"]
    dead = family.model_dump() | {"version": 2}
    left = {"left_on": "2021-02-28", "leave_reason": "death"}
    dead["members"] = tuple(each | (left if each["name"] == "王建国" else {}) for each in dead["members"])
    await scene.service.tell(HouseholdChanged(**dead))
    corrected = await department.send(as_csv([*rows, ("李秀英", number(899), "1")], headers=headers))
    assert (corrected["matched"], corrected["departed"], corrected["alerts"]) == (0, 3, 1)
    assert [each["status"] for each in await clues(scene)] == ["dismissed"]
    assert await raised(scene) == [("王建国", "死亡后发放临时救助", "open")]


async def test_another_threshold_is_tried_on_whoever_has_left(department: Department, scene: Scene) -> None:
    await department.send(paid(DEAD, LATELY))
    trial = {"rule": "relief_after_death", "thresholds": {"days": 100, "least": 1}}
    answer = await scene.county.post("/rules/trials", json=trial)
    assert answer.status_code == 200, answer.text
    figures = answer.json()
    assert (figures["now"], figures["then"], figures["enter"], figures["leave"]) == (2, 1, 0, 1)
