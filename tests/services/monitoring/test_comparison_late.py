"""What a late file says is older than what the registry learned since: it does not set the registry back."""

from __future__ import annotations

from typing import Any

import pytest

from services.monitoring.comparisons.review import run_review
from shared.contracts.household import HouseholdChanged, HouseholdRegistered
from tests.services.monitoring.comparing import Department, as_csv, number
from tests.services.monitoring.conftest import COUNTY, TOWN, Scene, household, numbered
from tests.services.monitoring.test_comparison_batches import withdrawn
from tests.services.monitoring.test_comparison_corrections import SUPPORT, facts

WANG, LI, ZHAO = number(841), number(842), number(843)
GRANTED, STOPPED = ("minimum_living", False, True), ("minimum_living", True, False)


@pytest.fixture
async def home(scene: Scene) -> HouseholdRegistered:
    return await scene.known(household(minimum_living=True, members=(numbered("王建国", WANG),)))


@pytest.fixture
async def office(scene: Scene, home: HouseholdRegistered) -> Department:
    assert home.members
    await scene.known(household(minimum_living=True, members=(numbered("李秀英", LI),)))
    client = await scene.service.caller("department", COUNTY, subject="minzheng")
    return Department(scene.service, client, "minimum_living")


def support(change: str, *rows: tuple[str, ...]) -> bytes:
    return as_csv([("王建国", WANG, change, ""), *rows], headers=SUPPORT)


async def stopped_in_may(office: Department, scene: Scene, home: HouseholdRegistered) -> dict[str, Any]:
    """Let the registry take over that support was stopped."""
    batch = await office.send(support("停止"), "2021-05")
    assert await facts(office) == [STOPPED]
    changed = home.model_dump() | {"minimum_living": False, "version": home.version + 1}
    await scene.service.tell(HouseholdChanged(**changed))
    return batch


async def test_a_late_file_of_an_earlier_month_proposes_nothing_that_a_later_one_says_otherwise(
    office: Department, scene: Scene, home: HouseholdRegistered
) -> None:
    await stopped_in_may(office, scene, home)
    await office.send(support("新纳入"), "2021-04")
    await office.send(support("新纳入", ("李秀英", LI, "停止", "")), "2021-04")
    assert await facts(office) == [STOPPED, STOPPED], "the second is of somebody else"
    await office.send(support("新纳入"), "2021-06")
    assert await facts(office) == [GRANTED, STOPPED, STOPPED]


@pytest.mark.parametrize("area", [COUNTY, TOWN])
@pytest.mark.parametrize("how", ["withdrawn", "corrected"])
async def test_what_a_late_file_says_is_proposed_once_the_later_one_says_nothing_any_more(
    office: Department, scene: Scene, home: HouseholdRegistered, how: str, area: str
) -> None:
    may = await stopped_in_may(office, scene, home)
    late = await scene.service.caller("department", area, subject="late")
    await Department(scene.service, late, "minimum_living").send(support("新纳入"), "2021-04")
    if how == "withdrawn":
        await withdrawn(office, may)
    else:
        await office.send(as_csv([("李秀英", LI, "新纳入", "")], headers=SUPPORT), "2021-05")
    assert await facts(office) == [GRANTED, STOPPED]


async def test_what_a_person_confirms_after_a_later_file_is_proposed_once_that_one_says_nothing_any_more(
    office: Department, scene: Scene
) -> None:
    await scene.known(household(head_name="赵一", members=(numbered("赵一", ZHAO, relationship="head"),)))
    office.dataset, headers = "unsafe_housing", ["姓名", "身份证号", "所在村", "鉴定等级"]
    unnumbered = await office.send(as_csv([("赵一", "", "八里村", "C级")], headers=headers), "2021-Q1")
    later = await office.send(as_csv([("赵一", ZHAO, "", "D级")], headers=headers), "2021-Q2")
    answer = await scene.county.post(f"/comparisons/{unnumbered['id']}/results/2/confirmation")
    assert answer.status_code == 200, answer.text
    await run_review(await office.run_named("monitoring.comparison_review"))
    assert await facts(office) == [("housing_grade", None, "D")]
    await withdrawn(office, later)
    assert await facts(office) == [("housing_grade", None, "C"), ("housing_grade", None, "D")]
