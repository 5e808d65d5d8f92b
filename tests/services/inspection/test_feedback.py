"""Assessment feedback by file, as offices write it: title rows, other headers, other names, old encodings."""

from __future__ import annotations

import asyncio
from io import BytesIO
from typing import Any

import httpx
import openpyxl
import pytest
from sqlmodel import select

from services.inspection.feedback.model import FeedbackFile
from shared.identity.principal import system
from tests.services.inspection.conftest import OTHER_VILLAGE, Scene, household, member

HEADERS = (
    "序号",
    "存在问题",
    "问题类别",
    "乡镇",
    "行政村",
    "户主姓名",
    "整改措施",
    "责任单位",
    "责任人",
    "完成时限",
)
FIELDS = ("problem", "item", "town", "village", "head", "measures", "unit", "person", "deadline_on")


def workbook(*rows: tuple[object, ...], headers: tuple[str, ...] = HEADERS) -> bytes:
    """A workbook as an office sends it: a merged title, a line of who and when, then the table."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["濉溪县2020年脱贫攻坚成效考核反馈问题清单"])
    sheet.merge_cells(start_row=1, start_column=1, end_row=1, end_column=len(headers))
    sheet.append(["填报单位：县扶贫开发局"])
    sheet.append(headers)
    for row in rows:
        sheet.append(row)
    file = BytesIO()
    book.save(file)
    return file.getvalue()


def line(**changes: object) -> tuple[object, ...]:
    """A line about a household, without a plan."""
    cells: dict[str, object] = {
        "problem": "房屋漏雨",
        "item": "A1-03 住房安全有保障",
        "town": "濉溪镇",
        "village": "八里村村委会",
        "head": "王建国",
    }
    cells |= changes
    return (1, *(cells.get(field) for field in FIELDS))


#: What makes a line one that is planned at once.
PLANNED = {"measures": "限期公示", "unit": "濉溪镇政府", "person": "周明"}


async def sent(
    caller: httpx.AsyncClient, scene: Scene, content: bytes, name: str = "反馈.xlsx", **wishes: str
) -> httpx.Response:
    """Send a file as a form does."""
    wishes |= {"campaign_id": str(scene.campaign_id)}
    return await caller.post("/findings/imports", params=wishes, files={"file": (name, content)})


async def test_lines_become_findings_and_those_with_a_plan_are_planned(scene: Scene) -> None:
    home = household()
    await scene.add(home)
    answer = await sent(
        scene.county,
        scene,
        workbook(
            line(),
            line(
                item="光伏收益分配精准合规",
                head=None,
                problem="收益未公示",
                deadline_on="2021年6月18日",
                **PLANNED,
            ),
            line(item="A1-06", town=None, village=None, head=None, problem="控辍保学联席会议未召开"),
            line(item="A2-05", head="八里光伏电站", problem="电站停机", deadline_on="2021/6/20"),
        ),
    )
    assert answer.status_code == 200, answer.text
    outcome = answer.json()
    assert (outcome["outcome"], outcome["lines"], outcome["accepted"], outcome["rejects"]) == (
        "taken",
        4,
        4,
        [],
    )
    assert outcome["headers"]["问题类别"] == "item"
    assert outcome["headers"]["序号"] is None
    found = {each["item"]: each for each in (await scene.county.get("/findings")).json()["items"]}
    assert {each["source"] for each in found.values()} == {"assessment"}
    house, income, school, station = (found[code] for code in ("A1-03", "A2-07", "A1-06", "A2-05"))
    assert (house["household_id"], house["status"], house["facts"]) == (str(home.id), "raised", "房屋漏雨")
    assert (income["status"], income["responsible_unit"], income["deadline_on"]) == (
        "planned",
        "濉溪镇政府",
        "2021-06-18",
    )
    assert (school["division_code"], school["level"]) == ("340621000000", "county")
    assert (station["object_name"], station["deadline_on"]) == ("八里光伏电站", "2021-06-20")


@pytest.mark.parametrize(
    ("changes", "column", "code"),
    [
        ({"problem": None}, "存在问题", "missing"),
        ({"item": "住房"}, "排查项目", "unknown_item"),
        ({"village": "桃花源"}, "村", "unknown_place"),
        ({"town": None, "village": None}, "户主", "village_needed"),
        ({"head": None}, "户主", "object_needed"),
        ({"head": "不认识"}, "户主", "unknown_household"),
        ({"head": "李四"}, "户主", "ambiguous_household"),
        ({"measures": "修"}, "整改措施", "plan_incomplete"),
        ({"deadline_on": "月底前"}, "整改时限", "not_a_date"),
        ({"deadline_on": "2021-06-01"}, "整改时限", "deadline_before"),
        ({"deadline_on": "2021-07-30"}, "整改时限", "deadline_after_campaign"),
        ({"item": "A2-07", "village": None}, "村", "village_needed"),
        ({"item": "A2-05", "head": None}, "户主", "object_needed"),
        ({"problem": "长" * 2001}, "存在问题", "too_long"),
    ],
    ids=lambda value: value if isinstance(value, str) and value.isascii() else "",
)
async def test_a_line_that_cannot_be_is_refused_with_its_reason_and_the_others_are_taken(
    scene: Scene, changes: dict[str, object], column: str, code: str
) -> None:
    double: dict[str, Any] = {
        "members": (member("李四", "1970-01-01", relationship="head"),),
        "head_name": "李四",
    }
    await scene.add(household(), household(**double), household(**double))
    outcome = (await sent(scene.county, scene, workbook(line(**changes), line()))).json()
    assert (outcome["accepted"], outcome["rejected"]) == (1, 1)
    (reject,) = outcome["rejects"]
    assert reject["line"] == 4, "as people count lines"
    assert {(fault["column"], fault["code"]) for fault in reject["faults"]} == {(column, code)}
    assert all(fault["message"] for fault in reject["faults"])


async def test_a_row_with_more_cells_than_the_header_is_refused(scene: Scene) -> None:
    await scene.add(household())
    told = ("存在问题,问题类别,乡镇,行政村,户主姓名", "房屋漏雨,未修,A1-03,濉溪镇,八里村村委会,王建国")
    rows = "\n".join((*told, "房屋漏雨,A1-03,濉溪镇,八里村村委会,王建国"))
    outcome = (await sent(scene.county, scene, rows.encode(), "反馈.csv")).json()
    assert (outcome["accepted"], outcome["rejected"]) == (1, 1)
    ((fault,),) = [each["faults"] for each in outcome["rejects"]]
    assert (fault["column"], fault["code"]) == ("", "too_many_cells")


async def test_refused_lines_come_back_as_a_form_that_is_taken_once_corrected(scene: Scene) -> None:
    await scene.add(household())
    outcome = (await sent(scene.county, scene, workbook(line(head="王建囯"), line(item="A1-04")))).json()
    answer = await scene.county.get(f"/findings/imports/{outcome['id']}/rejects")
    book = openpyxl.load_workbook(BytesIO(answer.content))
    sheet = book.active
    assert sheet is not None
    headers = [cell.value for cell in sheet[1]]
    assert "该村没有此户" in str(sheet.cell(2, headers.index("退回原因") + 1).value)
    sheet.cell(2, headers.index("户主") + 1).value = "王建国"
    corrected = BytesIO()
    book.save(corrected)
    again = (await sent(scene.county, scene, corrected.getvalue())).json()
    assert (again["accepted"], again["rejected"]) == (1, 0)
    shown = (await scene.county.get(f"/findings/imports/{outcome['id']}")).json()
    assert (shown["accepted"], shown["rejected"]) == (1, 1)


async def test_why_a_line_is_refused_is_told_in_the_language_of_the_caller(scene: Scene) -> None:
    await scene.add(household())
    content = workbook(line(head="王建囯", deadline_on="月底前"))
    told = {
        "zh": ["该村没有此户，请核对户编号或户主姓名", "日期无法识别，请写作 2021-06-09"],
        "en": [
            "the village has no such household: check its number, or the name of its head",
            "not a date, such as 2021-06-09",
        ],
    }
    # The file was taken for one who reads Chinese: its reasons are told anew to whoever asks.
    taken = (await sent(scene.county, scene, content)).json()
    path = f"/findings/imports/{taken['id']}"
    for language, words in told.items():
        asked = {"Accept-Language": language}
        shown = await scene.county.get(path, headers=asked)
        again = await scene.county.post(
            "/findings/imports",
            params={"campaign_id": str(scene.campaign_id)},
            files={"file": ("反馈.xlsx", content)},
            headers=asked,
        )
        for outcome in (shown.json(), again.json()):
            ((*faults,),) = [each["faults"] for each in outcome["rejects"]]
            assert [fault["message"] for fault in faults] == words
        form = await scene.county.get(f"{path}/rejects", headers=asked)
        sheet = openpyxl.load_workbook(BytesIO(form.content)).worksheets[0]
        assert sheet["B2"].value == f"户主：{words[0]}；整改时限：{words[1]}"


async def test_reasons_that_were_kept_with_their_words_are_told_by_their_code(scene: Scene) -> None:
    taken = (await sent(scene.county, scene, workbook(line(item="住房")))).json()
    kept = [
        {"line": 4, "faults": [{"column": "村", "code": "unknown_place", "message": "未找到"}], "cells": {}}
    ]
    async with scene.service.database.writing(system("tests")) as db:
        (file,) = await db.all(select(FeedbackFile))
        file.rejects = kept
    shown = await scene.county.get(f"/findings/imports/{taken['id']}", headers={"Accept-Language": "en"})
    ((fault,),) = [each["faults"] for each in shown.json()["rejects"]]
    assert fault["message"].startswith("no such town or village")


async def test_validate_writes_nothing_and_all_takes_all_or_none(scene: Scene) -> None:
    await scene.add(household())
    content = workbook(line(), line(head="不认识"))
    foretold = (await sent(scene.county, scene, content, mode="validate")).json()
    assert (foretold["outcome"], foretold["id"], foretold["accepted"]) == ("validated", None, 1)
    refused = (await sent(scene.county, scene, content, atomic="all")).json()
    assert (refused["outcome"], refused["id"], refused["accepted"], refused["rejected"]) == (
        "refused",
        None,
        0,
        1,
    )
    assert (await scene.county.get("/findings")).json()["items"] == []


async def test_the_same_file_sent_again_even_at_once_changes_nothing(scene: Scene) -> None:
    await scene.add(household())
    content = workbook(line())
    answers = await asyncio.gather(*(sent(scene.county, scene, content) for _ in range(3)))
    assert sorted(each.json()["outcome"] for each in answers) == ["replayed", "replayed", "taken"]
    assert len((await scene.county.get("/findings")).json()["items"]) == 1
    assert not list(scene.service.runtime.spool.iterdir())


async def test_old_encodings_are_read_and_a_town_takes_in_only_its_own(scene: Scene) -> None:
    await scene.add(household(), household(OTHER_VILLAGE))
    rows = ["存在问题,项目编码,镇,村,户主", "漏雨,A1-03,濉溪镇,八里,王建国", "漏雨,A1-03,韩村镇,小湖,王建国"]
    content = "\n".join(rows).encode("gb18030")
    outcome = (await sent(scene.town, scene, content, "反馈.csv")).json()
    assert (outcome["accepted"], outcome["rejected"]) == (1, 1)
    assert outcome["rejects"][0]["faults"][0]["code"] == "unknown_household", (
        "what lies elsewhere is not known"
    )
    whole = (await sent(scene.county, scene, content, "反馈.csv")).json()
    assert whole["outcome"] == "taken", "the county's own file"


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        (b"PK\x03\x04 broken", 422, "unreadable_file"),
        ("问题\n漏雨".encode(), 422, "header_missing"),
        (b"\x89PNG\r\n\x1a\n", 422, "header_missing"),
    ],
    ids=["a broken workbook", "a table without items", "a picture"],
)
async def test_a_file_that_cannot_be_read_is_refused_whole(
    scene: Scene, content: bytes, status: int, code: str
) -> None:
    answer = await sent(scene.county, scene, content)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


async def test_five_thousand_lines_are_taken_in_one_go_and_no_more(scene: Scene) -> None:
    await scene.add(household())
    rows: list[Any] = [("漏雨", "A1-04", "濉溪镇", "八里村", "王建国")] * 5000
    csv = "\n".join(",".join(row) for row in [("存在问题", "项目", "镇", "村", "户主"), *rows])
    outcome = (await sent(scene.county, scene, csv.encode(), "大.csv")).json()
    assert outcome["accepted"] == 5000
    more = csv + "\n" + ",".join(rows[0])
    assert (await sent(scene.county, scene, more.encode(), "大.csv")).json()["code"] == "too_many_lines"


async def test_the_form_has_the_items_to_choose_from_and_explains_itself(scene: Scene) -> None:
    answer = await scene.village.get("/findings/template.xlsx")
    book = openpyxl.load_workbook(BytesIO(answer.content))
    assert book.sheetnames == ["考核反馈", "填表说明", "项目"]
    assert [cell.value for cell in book["考核反馈"][1]][:3] == ["存在问题", "排查项目", "乡镇"]
    assert book["项目"]["A1"].value == "A1-01 义务教育有保障"
    (rule,) = book["考核反馈"].data_validations.dataValidation
    assert rule.formula1 == "项目!$A$1:$A$44"
