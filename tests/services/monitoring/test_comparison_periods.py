"""Of which time a batch may be: written as its dataset has it, and begun."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.services.monitoring.comparing import Department
from tests.services.monitoring.conftest import COUNTY, Scene


@pytest.fixture
async def department(scene: Scene) -> Department:
    return Department(scene.service, await scene.service.caller("department", COUNTY, subject="yibao"))


@pytest.mark.parametrize("period", ["2021", "2021-13", "2021-6", "2021-Q2", "2021-06-31", "六月"])
async def test_a_period_is_written_as_the_dataset_has_it(department: Department, period: str) -> None:
    answer = await department.post(b"x", period)
    assert (answer.status_code, answer.json()["code"]) == (422, "bad_period")
    # It was not even received.
    assert not department.service.runtime.spool.exists()


@pytest.mark.parametrize(
    ("dataset", "period", "begun"),
    [
        pytest.param("medical_expense", "2031-05", False, id="2031 for 2021"),
        pytest.param("medical_expense", "2021-07", False, id="next month"),
        pytest.param("medical_expense", "2021-06", True, id="a month that is not over"),
        pytest.param("vehicle", "2021-Q3", False, id="next quarter"),
        pytest.param("vehicle", "2021-Q2", True, id="this quarter"),
        pytest.param("enrolment", "2021-autumn", False, id="next term"),
        pytest.param("schooling_cost", "2022", False, id="next year"),
        pytest.param("disaster", "2021-06-11", False, id="tomorrow, where the county is"),
        pytest.param("disaster", "2021-06-10", True, id="today"),
    ],
)
async def test_nobody_tells_of_a_period_that_has_not_begun(
    department: Department, dataset: str, period: str, *, begun: bool
) -> None:
    department.dataset = dataset
    pages = await department.client.post(f"/comparisons/{dataset}/pages", params={"period": period})
    answer = await department.post(b"x" * 100, period)
    if begun:
        assert (pages.status_code, answer.status_code) == (201, 202)
        return
    for refused in (pages, answer):
        assert (refused.status_code, refused.json()["code"]) == (422, "period_not_begun")
    assert not department.service.runtime.spool.exists(), "it was not even received"


async def test_a_day_begins_where_the_county_is(department: Department, scene: Scene) -> None:
    department.dataset = "disaster"
    # Half past three in the afternoon of the tenth in UTC, and half an hour before midnight in China.
    scene.service.clock.moment = datetime(2021, 6, 10, 15, 30, tzinfo=UTC)
    assert (await department.post(b"x", "2021-06-11")).json()["code"] == "period_not_begun"
    scene.service.clock.moment = datetime(2021, 6, 10, 16, 0, tzinfo=UTC)
    assert (await department.post(b"x", "2021-06-11")).status_code == 202
