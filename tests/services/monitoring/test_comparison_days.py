"""Days on which something has been are not ahead, and nothing of a person was before they were born."""

from __future__ import annotations

import pytest

from services.monitoring.datasets.catalog import datasets
from services.monitoring.datasets.columns import ColumnType
from tests.services.monitoring.comparing import Department, as_csv, number
from tests.services.monitoring.conftest import COUNTY, Scene, household, numbered
from tests.services.monitoring.test_comparison_corrections import facts, proposed

WANG, LI = number(681), number(682)
#: What is granted, stopped or agreed from a day on may be told before it.
AHEAD = {"destitute", "employment", "minimum_living"}


@pytest.fixture
async def department(scene: Scene) -> Department:
    people = (numbered("王建国", WANG), numbered("李秀英", LI).model_copy(update={"birth_date": None}))
    await scene.known(household(members=people))
    return Department(scene.service, await scene.service.caller("department", COUNTY, subject="gongan"))


async def told_of(department: Department) -> set[str]:
    """Return of whom something was proposed."""
    return {each["member_id"] for event in await proposed(department) for each in event["corrections"]}


def test_of_each_day_it_is_decided_whether_it_may_be_ahead() -> None:
    days = {
        (dataset.code, column.past)
        for dataset in datasets().values()
        for column in dataset.columns
        if column.type is ColumnType.DATE
    }
    assert {code for code, past in days if not past} == AHEAD


@pytest.mark.parametrize(
    ("dataset", "header", "more"),
    [("death", "死亡日期", ()), ("residence", "迁出日期", ()), ("disability", "发证日期", ("视力", "二级"))],
)
async def test_a_day_ahead_is_refused_and_proposed_to_nobody(
    department: Department, dataset: str, header: str, more: tuple[str, ...]
) -> None:
    department.dataset = dataset
    rows = [
        ("王建国", WANG, "2099-05-20", *more),
        ("李秀英", LI, "2021-06-11", *more),
        ("王建国", WANG, "2021-06-10", *more),
        ("李秀英", LI, "2021-05-20", *more),
    ]
    headers = ["姓名", "身份证号", header, *(["残疾类别", "残疾等级"] if more else [])]
    batch = await department.send(as_csv(rows, headers=headers))
    assert (batch["matched"], batch["invalid"]) == (2, 2)
    rejects = await department.listed(batch, "rejects")
    assert [(each["line"], each["code"], each["value"]) for each in rejects] == [
        (2, "date_ahead", "2099-05-20"),
        (3, "date_ahead", "2021-06-11"),
    ]
    assert len(await told_of(department)) == 2


async def test_what_holds_from_a_day_on_may_be_told_before_it(department: Department) -> None:
    department.dataset = "minimum_living"
    rows = [("王建国", WANG, "新增", "2021-07-01")]
    batch = await department.send(as_csv(rows, headers=["姓名", "身份证号", "变动类型", "变动日期"]))
    assert (batch["matched"], batch["invalid"]) == (1, 0)
    assert await facts(department) == [("minimum_living", False, True)]


@pytest.mark.parametrize(
    ("dataset", "headers", "cells"),
    [
        ("death", ["死亡日期"], ["1979-12-31"]),
        ("disability", ["发证日期", "残疾类别", "残疾等级"], ["1979-12-31", "视力", "二级"]),
    ],
)
async def test_what_was_before_a_person_was_born_is_not_proposed_of_them(
    department: Department, dataset: str, headers: list[str], cells: list[str]
) -> None:
    department.dataset = dataset
    rows = [("王建国", WANG, *cells), ("李秀英", LI, *cells)]
    batch = await department.send(as_csv(rows, headers=["姓名", "身份证号", *headers]))
    assert batch["matched"] == 2
    # When the other one was born is not known.
    assert len(await told_of(department)) == 1
    born = [("王建国", WANG, "1980-03-01", *cells[1:])]
    await department.send(as_csv(born, headers=["姓名", "身份证号", *headers]))
    assert len(await told_of(department)) == 2
