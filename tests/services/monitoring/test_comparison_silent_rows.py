"""Corrections of batches whose rows say nothing but whom they are about: who is new is news, and who is gone is not."""

from __future__ import annotations

import pytest

from tests.services.monitoring.comparing import Department, as_csv, figures, number
from tests.services.monitoring.conftest import COUNTY, Scene, household, numbered

CHILDREN = [number(600 + order, "20120901") for order in range(3)]


@pytest.fixture
async def department(scene: Scene) -> Department:
    await scene.known(*(household(members=(numbered("王小宝", child),)) for child in CHILDREN))
    client = await scene.service.caller("department", COUNTY, subject="jiaoyu")
    return Department(scene.service, client, "enrolment")


def missing(*children: str) -> bytes:
    return as_csv([["王小宝", child] for child in children], headers=["姓名", "身份证号"])


async def test_who_is_added_warns_and_who_is_left_out_warns_no_more(department: Department) -> None:
    first, second, third = CHILDREN
    assert figures(await department.send(missing(first), "2021-spring"))[-1] == 1
    assert figures(await department.send(missing(first, second), "2021-spring"))[-1] == 2
    last = await department.send(missing(third), "2021-spring")
    assert (last["alerts"], last["clues_taken_back"]) == (1, 2)
