"""Datasets with a meaning of their own: what a row of theirs becomes, by the rule that is shipped with them."""

from __future__ import annotations

import csv
from io import StringIO
from typing import Any

import pytest

from tests.services.monitoring.comparing import Department, as_csv, number
from tests.services.monitoring.conftest import COUNTY, Scene, household, numbered
from tests.services.monitoring.doubting import doubts
from tests.services.monitoring.test_comparison_corrections import facts, shown
from tests.services.monitoring.test_comparison_rules import clues

WANG, LI = number(701), number(702)
WHO = ["姓名", "身份证号"]


@pytest.fixture
async def department(scene: Scene) -> Department:
    await scene.known(
        household(members=(numbered("王建国", WANG),), kind="lifted"),
        household(members=(numbered("李秀英", LI),)),
    )
    return Department(scene.service, await scene.service.caller("department", COUNTY, subject="nongxin"))


@pytest.mark.parametrize(
    ("dataset", "period", "headers", "rows", "rule"),
    [
        pytest.param(
            "deposit",
            "2021-Q1",
            [*WHO, "存款余额", "开户银行"],
            [
                ("王建国", WANG, "6万元", "农商行"),
                ("王建国", WANG, "40000.01", "邮储"),
                ("李秀英", LI, "10万元", ""),
            ],
            "名下有大额存款",
            id="deposits are added up over banks",
        ),
        pytest.param(
            "small_credit",
            "2021-05",
            [*WHO, "贷款金额", "用途", "使用问题"],
            [("王建国", WANG, "50000", "养殖", "户贷企用"), ("李秀英", LI, "50000", "养鸡，自用", "")],
            "小额信贷使用不合规",
            id="a credit that a firm uses",
        ),
        pytest.param(
            "small_credit",
            "2021-05",
            [*WHO, "贷款金额", "用途", "使用问题", "放款日期"],
            [
                ("王建国", WANG, "50000", "养殖", "户贷企用", "2021-03-01"),
                ("王建国", WANG, "30000", "养鸡，自用", "", "2021-05-01"),
                ("李秀英", LI, "50000", "养鸡，自用", "", "2021-05-01"),
            ],
            "小额信贷使用不合规",
            id="a credit that a firm uses beside a newer one in order",
        ),
        pytest.param(
            "small_credit",
            "2021-05",
            [*WHO, "贷款金额", "逾期天数"],
            [("王建国", WANG, "50000", "31"), ("李秀英", LI, "50000", "30")],
            "小额信贷逾期",
            id="a credit that is overdue",
        ),
    ],
)
async def test_what_is_to_be_explained_is_a_doubt(
    department: Department,
    scene: Scene,
    *,
    dataset: str,
    period: str,
    headers: list[str],
    rows: list[tuple[str, ...]],
    rule: str,
) -> None:
    department.dataset = dataset
    batch = await department.send(as_csv(rows, headers=headers), period)
    assert (batch["rows"], batch["matched"], batch["alerts"]) == (len(rows), len(rows), 1)
    (doubt,) = await doubts(scene.county)
    assert (doubt["person_name"], doubt["why"]["zh"]["rule"]) == ("王建国", rule)
    assert await clues(scene) == []


@pytest.mark.parametrize(
    ("dataset", "headers", "rows", "risk", "words"),
    [
        pytest.param(
            "price_fall",
            ["村", "产品", "价格跌幅"],
            [("八里村", "大蒜", "30.5%"), ("八里村", "生姜", "5"), ("小湖村", "大蒜", "60%")],
            "industry_failure",
            "本村产品价格跌幅（%）：30.5，不低于30",
            id="a price that fell, of which nothing is unsold",
        ),
        pytest.param(
            "epidemic",
            [*WHO, "疫情名称", "影响情况"],
            [("王建国", WANG, "新冠肺炎", "隔离期间停工")],
            "other",
            "疫情影响记录：1，不低于1",
            id="an epidemic",
        ),
    ],
)
async def test_what_may_mean_a_risk_is_a_clue(
    department: Department,
    scene: Scene,
    *,
    dataset: str,
    headers: list[str],
    rows: Any,
    risk: str,
    words: str,
) -> None:
    department.dataset = dataset
    batch = await department.send(as_csv(rows, headers=headers), "2021-05-20")
    assert (batch["matched"], batch["alerts"]) == (len(rows), 1)
    (clue,) = await clues(scene)
    assert (clue["risk_type"], words in clue["evidence"][0]["facts"]) == (risk, True), clue["evidence"]


async def test_work_that_was_found_tells_where_and_work_that_was_lost_that_there_is_none(
    department: Department, scene: Scene
) -> None:
    away, idle, found = number(604), number(605), number(606)
    persons = (
        numbered("周平", away, work_place="outside"),
        numbered("周强", idle),
        numbered("周正", found, work_place="town"),
    )
    await scene.known(household(members=persons))
    department.dataset = "employment"
    rows = [
        ("周平", away, "失业", ""),
        ("周强", idle, "失业", "县外省内"),
        ("周正", found, "新就业", "省外"),
        ("王建国", WANG, "新就业", ""),
        ("李秀英", LI, "公益性岗位到期", "乡内"),
    ]
    batch = await department.send(as_csv(rows, headers=["姓名", "身份证号", "变动类型", "务工所在地"]))
    assert await facts(department) == [("work_place", "outside", None), ("work_place", "town", "outside")]
    shown_now = {each["name"]: each["found"] for each in await shown(scene, batch)}
    assert shown_now == {"周平": None, "周正": "outside"}
    await department.send(
        as_csv([("周平", away, "失业")], headers=["姓名", "身份证号", "变动类型"]), "2021-06"
    )
    assert len(await facts(department)) == 2, "it waits for the registry already"


async def test_a_child_of_age_who_is_not_enrolled_is_proposed_as_out_of_school(
    department: Department, scene: Scene
) -> None:
    child, known = number(607, "20140301"), number(608, "20140301")
    children = (
        numbered("周小平", child, school_status="preschool_age"),
        numbered("周小强", known, school_status="dropped_out"),
    )
    await scene.known(household(members=children))
    department.dataset = "enrolment"
    rows = [("周小平", child), ("周小强", known)]
    scene.go_to(2021, 9, 30)
    await department.send(as_csv(rows, headers=["姓名", "身份证号"]), "2021-autumn")
    assert await facts(department) == [("school_status", "preschool_age", "dropped_out")]


async def test_what_is_kept_beside_stands_in_the_file_of_results_too(department: Department) -> None:
    department.dataset = "water_failure"
    rows = [("八里村", "3", "120"), ("小湖村", "2", "")]
    batch = await department.send(as_csv(rows, headers=["行政村", "影响天数", "影响户数"]))
    file = await department.client.get(f"/comparisons/{batch['id']}/results", headers={"Accept": "text/csv"})
    header, *lines = csv.reader(StringIO(file.text.removeprefix("\ufeff")))
    place = header.index("影响户数")
    assert [line[place] for line in lines] == ["120", ""]


@pytest.mark.parametrize(
    ("dataset", "period", "header", "others", "field", "cells"),
    [
        (
            "schooling_cost",
            "2021",
            "学段",
            {"自付金额": "9"},
            "kind",
            {"高中": "高中", "大专": "大专", "高一": "高一", "": None},
        ),
        (
            "disaster",
            "2021-05-20",
            "灾种",
            {"村": "八里村"},
            "kind",
            {"风雹": "meteorological", "水灾": "flood", "房屋火灾": "other", "-": "missing"},
        ),
        ("disability", "2021-05", "残疾等级", {"残疾类别": "肢体"}, "grade", {"壹级": "1", "肆级": "4"}),
        ("minimum_living", "2021-05", "变动类型", {}, "kind", {"停保": "stopped", "纳入": "granted"}),
        ("business", "2021-Q1", "注册资本（万元人民币）", {"类型": "公司"}, "amount", {"50": "500000.00"}),
        ("business", "2021-Q1", "注册资本(万)", {"类型": "公司"}, "amount", {"50": "500000.00"}),
        ("property", "2021-Q1", "建筑面积（m²）", {}, "quantity", {"120": "120.00", "89.5㎡": "89.50"}),
        ("property", "2021-Q1", "面积", {}, "quantity", {"1,120平米": "1120.00", "89.5平方米": "89.50"}),
    ],
)
async def test_words_and_units_are_read_as_offices_write_them(
    department: Department,
    *,
    dataset: str,
    period: str,
    header: str,
    others: dict[str, str],
    field: str,
    cells: dict[str, str | None],
) -> None:
    department.dataset = dataset
    rows = [("王建国", WANG, *others.values(), cell) for cell in cells]
    batch = await department.send(as_csv(rows, headers=[*WHO, *others, header]), period)
    results = await department.listed(batch, "results")
    rejects = await department.listed(batch, "rejects")
    read = {each["line"]: (each if field in each else each["more"])[field] for each in results}
    refused = {each["line"]: each["code"] for each in rejects}
    assert list((read | refused).items()) == list(enumerate(cells.values(), 2))


async def test_what_might_be_a_formula_in_chinese_is_none_in_the_file_of_results(
    department: Department,
) -> None:
    department.dataset = "dropout"
    rows = [("王建国", WANG, note) for note in ("\uff1d1+1", "\uff20我", "\uff0b86", "\uff0d1")]
    batch = await department.send(as_csv(rows, headers=[*WHO, "情况说明"]))
    file = await department.client.get(f"/comparisons/{batch['id']}/results", headers={"Accept": "text/csv"})
    _, *lines = csv.reader(StringIO(file.text))
    assert [line[-1] for line in lines] == [f"'{note}" for _, _, note in rows]
