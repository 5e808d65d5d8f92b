"""Why a row is about nobody: its place is unknown, of several, a town; or it may be about any of several people."""

from __future__ import annotations

import pytest

from shared.contracts.household import DivisionChanged
from tests.services.monitoring.comparing import Department, as_csv, number
from tests.services.monitoring.conftest import (
    COUNTY,
    OTHER_VILLAGE,
    VILLAGE,
    Scene,
    household,
    member,
    numbered,
)

TAPS = ["行政村", "影响天数", "问题类型", "影响户数"]
COSTS = ["学生姓名", "身份证号", "出生日期", "户籍所在村", "自付金额", "学段", "学校名称"]
NAMESAKE = "340621101299"


@pytest.fixture
async def department(scene: Scene) -> Department:
    await scene.known(household(members=(member("王小雨", "2005-09-01"),)))
    namesakes = {NAMESAKE: "周圩村", VILLAGE[:9] + "299": "周圩村"}
    await scene.service.tell(
        *(
            DivisionChanged(code=code, name=name, level="village", version=1)
            for code, name in namesakes.items()
        )
    )
    return Department(scene.service, await scene.service.caller("department", COUNTY, subject="shuili"))


@pytest.mark.parametrize("mode", ["commit", "validate"])
async def test_what_is_told_of_places_says_why_it_is_about_none(
    department: Department, scene: Scene, mode: str
) -> None:
    department.dataset = "water_failure"
    places = ["八里村", OTHER_VILLAGE, "天上村", "340699999999", "周圩村", "濉溪镇", "濉溪县", "天上村"]
    rows = [[place, "3", "", ""] for place in places]
    batch = await department.send(as_csv(rows, headers=TAPS), "2021-06", mode=mode)
    assert (batch["matched"], batch["unmatched"], batch["invalid"]) == (2, 6, 0)
    address = f"/comparisons/{batch['id']}"
    told = {"unknown_place": 3, "ambiguous_place": 1, "whole_town": 2}
    for whole in (department.client, scene.county):
        assert (await whole.get(f"{address}/reconciliation")).json()["unmatched_by_reason"] == told
    # They are of no town.
    assert (await scene.town.get(f"{address}/reconciliation")).json()["unmatched_by_reason"] is None
    if mode == "validate":
        return
    results = await department.listed(batch, "results", outcome="unmatched")
    assert [(each["line"], each["match"]) for each in results] == [
        (4, "unknown_place"),
        (5, "unknown_place"),
        (6, "ambiguous_place"),
        (7, "whole_town"),
        (8, "whole_town"),
        (9, "unknown_place"),
    ]
    file = await department.client.get(f"{address}/results", headers={"Accept": "text/csv"})
    assert [line.split(",")[1] for line in file.text.splitlines()[2:7]] == [
        "一致",
        *["未比中：地名不在行政区划内"] * 2,
        "未比中：有多处同名，无法确定是哪里",
        "未比中：只写到乡镇或县，未写明村",
    ]


async def test_of_somebody_without_a_number_the_place_tells_too(department: Department) -> None:
    department.dataset = "schooling_cost"
    people = [
        ("王小雨", "", "天上村"),
        ("王小雨", "", "周圩村"),
        # A town is a place to look in; whom a number tells is not looked for by a place.
        ("王大雨", "", "濉溪镇"),
        ("王小雨", number(999), "天上村"),
        ("王小雨", "", ""),
    ]
    rows = [[name, written, "2005-09-01", place, "9", "", ""] for name, written, place in people]
    batch = await department.send(as_csv(rows, headers=COSTS), "2021")
    results = await department.listed(batch, "results")
    assert [(each["outcome"], each["match"]) for each in results] == [
        ("unmatched", "unknown_place"),
        ("unmatched", "ambiguous_place"),
        ("unmatched", "not_registered"),
        ("unmatched", "not_registered"),
        ("probable", "birth"),
    ]
    file = await department.client.get(f"/comparisons/{batch['id']}/results", headers={"Accept": "text/csv"})
    assert [line.split(",")[1] for line in file.text.splitlines()[3:6]] == [
        *["未比中：登记信息中没有找到"] * 2,
        "疑似比中",
    ]
    reconciled = await department.client.get(f"/comparisons/{batch['id']}/reconciliation")
    assert reconciled.json()["unmatched_by_reason"] == {
        "unknown_place": 1,
        "ambiguous_place": 1,
        "not_registered": 2,
    }


@pytest.mark.parametrize("mode", ["commit", "validate"])
async def test_of_several_people_a_row_without_a_number_is_about_none_and_says_so(
    department: Department, scene: Scene, mode: str
) -> None:
    for head in ("340621196501010011", "340621196501010012"):
        people = (numbered("王建国", head, relationship="head"), member("王小雨", "2005-09-01"))
        await scene.known(household(head_name="王建国", members=people))
    department.dataset = "schooling_cost"
    names = ["王小雨", "王大雨", "王小雨"]
    rows = [[name, "", "2005-09-01", "", "9", "", ""] for name in names]
    costs = await department.send(as_csv(rows, headers=COSTS), "2021", mode=mode)
    department.dataset = "disaster"
    headers = ["户主姓名", "户主身份证号", "行政村", "灾害类型", "经济损失", "受灾日期", "房屋是否无法居住"]
    losses = await department.send(
        as_csv([("王建国", "", "八里村", "洪涝", "1", "", "")], headers=headers), "2021-06-01", mode=mode
    )
    told = {"ambiguous_person": 2, "not_registered": 1}
    for batch, why in ((costs, told), (losses, {"ambiguous_person": 1})):
        reconciled = await scene.county.get(f"/comparisons/{batch['id']}/reconciliation")
        assert reconciled.json()["unmatched_by_reason"] == why
    if mode == "commit":
        results = await department.listed(losses, "results")
        assert [(each["outcome"], each["match"]) for each in results] == [("unmatched", "ambiguous_person")]
        file = await department.client.get(
            f"/comparisons/{losses['id']}/results", headers={"Accept": "text/csv"}
        )
        assert "未比中：无证件号码，有多人姓名等信息相同，无法确定是谁" in file.text


@pytest.mark.parametrize(
    ("dataset", "period", "headers", "rows"),
    [
        (
            "schooling_cost",
            "2021",
            ["学生姓名", "身份证号", "出生日期", "户籍所在村", "自付金额"],
            [
                ("王小雨", "", "", "八里村", "9"),
                ("王小雨", "无", "-", "", "9"),
                ("王小雨", "", "2005-09-01", "", "9"),
            ],
        ),
        (
            "enrolment",
            "2021-spring",
            ["姓名", "身份证号", "出生日期"],
            [("王小雨", "", ""), ("填表人：张三", "", ""), ("王小雨", "", "2005-09-01")],
        ),
        (
            "unsafe_housing",
            "2021-Q1",
            ["户主姓名", "户主身份证号", "所在村", "鉴定等级"],
            [("王小雨", "", "", "C级"), ("王小雨", "/", "无", "C级"), ("王小雨", "", "八里村", "C级")],
        ),
    ],
)
async def test_who_is_told_by_nothing_but_a_name_is_handed_back_and_not_taken_for_a_stranger(
    department: Department, dataset: str, period: str, headers: list[str], rows: list[tuple[str, ...]]
) -> None:
    department.dataset = dataset
    batch = await department.send(as_csv(rows, headers=headers), period)
    assert (batch["rows"], batch["invalid"], batch["unmatched"] + batch["probable"]) == (3, 2, 1)
    rejects = await department.listed(batch, "rejects")
    assert [(each["line"], each["column"], each["code"]) for each in rejects] == [
        (2, headers[1].removeprefix("户主"), "tells_nobody"),
        (3, headers[1].removeprefix("户主"), "tells_nobody"),
    ]
    reconciled = (await department.client.get(f"/comparisons/{batch['id']}/reconciliation")).json()
    assert reconciled["invalid_by_reason"] == {"tells_nobody": 2}
