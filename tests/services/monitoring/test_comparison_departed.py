"""What a batch told of somebody stays told when it is corrected, though they are dead or have moved away by then."""

from __future__ import annotations

from datetime import datetime, time
from io import BytesIO

import openpyxl
import pytest

from shared.contracts.household import HouseholdRegistered
from tests.clients import outbox_of
from tests.services.monitoring.comparing import Department, as_csv, number
from tests.services.monitoring.conftest import COUNTY, Scene, household, numbered, without
from tests.services.monitoring.test_comparison_corrections import answered, facts, proposed, shown

WANG, LI = number(681), number(682)
WHO = ["姓名", "身份证号"]


@pytest.fixture
async def family(scene: Scene) -> HouseholdRegistered:
    return await scene.known(household(members=(numbered("王建国", WANG), numbered("李秀英", LI))))


@pytest.fixture
async def department(scene: Scene, family: HouseholdRegistered) -> Department:
    assert family.members
    return Department(scene.service, await scene.service.caller("department", COUNTY, subject="gongan"))


async def taken_back(department: Department) -> list[str]:
    """What the registry was told that a batch does not say any more."""
    told = await outbox_of(department.service)
    withdrawn = [each["data"] for each in told if each["type"] == "monitoring.corrections_withdrawn.v1"]
    return [one for event in withdrawn for one in event["corrections"]]


@pytest.mark.parametrize(
    ("dataset", "headers", "cells", "found"),
    [
        ("death", [*WHO, "死亡日期"], ["2021-05-20"], "death"),
        ("residence", [*WHO, "迁出日期"], ["2021-05-20"], "moved_out"),
        ("dropout", WHO, [], "dropped_out"),
    ],
)
async def test_what_was_accepted_of_whoever_has_left_is_not_taken_back_by_a_correction_that_says_it_again(
    department: Department,
    scene: Scene,
    family: HouseholdRegistered,
    dataset: str,
    headers: list[str],
    cells: list[str],
    found: str,
) -> None:
    department.dataset = dataset
    li, wang = ["李秀英", LI, *cells], ["王建国", WANG, *cells]
    first = await department.send(as_csv([li], headers=headers))
    (event,) = await proposed(department)
    await scene.service.tell(answered(event, "accepted", "decided_by_person"))
    await scene.service.tell(without(family, family.members[1].id))
    corrected = await department.send(as_csv([li, wang], headers=headers))
    assert (corrected["matched"], corrected["departed"]) == (1, 1)
    assert await taken_back(department) == []
    assert await shown(scene, first) == []
    told = {each["name"]: (each["found"], each["status"]) for each in await shown(scene, corrected)}
    assert told == {"李秀英": (found, "accepted"), "王建国": (found, "proposed")}
    # Once it does not say so any more, the registry is told, whoever has left.
    await department.send(as_csv([wang], headers=headers))
    assert await taken_back(department) == [each["id"] for each in event["corrections"]]


async def test_of_a_household_those_speak_who_are_there(
    department: Department, scene: Scene, family: HouseholdRegistered
) -> None:
    await scene.service.tell(without(family, family.members[1].id))
    department.dataset = "minimum_living"
    rows = [("王建国", WANG, "新纳入", "2021-05-01"), ("李秀英", LI, "停止", "2021-05-20")]
    await department.send(as_csv(rows, headers=[*WHO, "变动类型", "变动日期"]))
    assert await facts(department) == [("minimum_living", False, True)]


async def test_a_date_cell_that_holds_no_date_is_no_day(department: Department) -> None:
    department.dataset = "death"
    book = openpyxl.Workbook()
    assert book.active is not None
    rows = [("李秀英", LI, 0), ("李秀英", LI, time(8)), ("王建国", WANG, datetime(2021, 5, 20, 8))]  # noqa: DTZ001
    for row in ([*WHO, "死亡日期"], *rows):
        book.active.append(row)
    book.active["C2"].number_format = "yyyy-mm-dd"
    file = BytesIO()
    book.save(file)
    batch = await department.send(file.getvalue())
    rejects = await department.listed(batch, "rejects")
    assert [(each["line"], each["code"]) for each in rejects] == [(2, "not_a_date"), (3, "not_a_date")]
    assert [each["happened_on"] for each in await department.listed(batch, "results")] == ["2021-05-20"]
