"""What a batch is handed back as: its results by line, and its refused rows to correct and send again."""

from __future__ import annotations

import csv
import json
from io import BytesIO, StringIO
from typing import Any, get_args

import httpx
import openpyxl
import orjson
import pytest
from sqlalchemy import text

from services.monitoring.matching import refused
from shared.identity.principal import system
from shared.refusal import Refusal
from shared.sheets import parts
from shared.sheets.form import UnreadableFile
from shared.web.language import Language
from shared.web.problems import problem_of
from shared.web.uploads import CSV, NDJSON, XLSX
from tests.services.monitoring.comparing import Department, as_csv, figures, number
from tests.services.monitoring.conftest import COUNTY, OTHER_VILLAGE, VILLAGE, Scene, household, numbered

SICK = [number(400 + order) for order in range(3)]
DOUBTFUL = ["姓名", "身份证号", "变动类型", "月保障金额", "变动原因"]


@pytest.fixture
async def department(scene: Scene) -> Department:
    await scene.known(
        household(members=(numbered("王建国", SICK[0]),)),
        household(members=(numbered("李秀英", SICK[1]),)),
        household(OTHER_VILLAGE, members=(numbered("赵一", SICK[2]),)),
    )
    return Department(scene.service, await scene.service.caller("department", COUNTY, subject="yibao"))


async def results_of(client: httpx.AsyncClient, batch: dict[str, Any], **query: str) -> list[list[str]]:
    answer = await client.get(f"/comparisons/{batch['id']}/results", headers={"Accept": CSV}, params=query)
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    return list(csv.reader(StringIO(answer.content.decode("utf-8-sig"))))


async def test_results_are_downloaded_as_each_may_see_them(department: Department, scene: Scene) -> None:
    department.dataset = "minimum_living"
    rows = [
        ["王建国", SICK[0], "停发", "300", "=1+1"],
        ["赵一", SICK[2], "新增", "", ""],
        ["外地人", number(999), "新增", "300", "他人"],
        ["李秀英", "12", "新增", "", ""],
    ]
    batch = await department.send(as_csv(rows, headers=DOUBTFUL))
    own = ["变动类型", "月保障金额", "变动日期", "变动原因"]
    assert await results_of(department.client, batch) == [
        ["行号", "比对结果", *own],
        ["2", "一致", "停止", "300.00", "", "'=1+1"],
        ["3", "一致", "新纳入", "", "", ""],
        ["4", "未比中：登记信息中没有找到", "", "", "", ""],
    ]
    registered = ["登记姓名", "所在村代码", "所在村"]
    assert await results_of(scene.county, batch, outcome="matched") == [
        ["行号", "比对结果", *registered, *own],
        ["2", "一致", "王建国", VILLAGE, "八里村", "停止", "300.00", "", "'=1+1"],
        ["3", "一致", "赵一", OTHER_VILLAGE, "小湖村", "新纳入", "", "", ""],
    ]
    assert [row[0] for row in await results_of(scene.town, batch)] == ["行号", "2"]
    other = await scene.service.caller("department", COUNTY, subject="jiaoyu")
    refusal = await other.get(f"/comparisons/{batch['id']}/results", headers={"Accept": CSV})
    assert refusal.status_code == 404


async def test_no_number_is_kept_in_words_however_it_is_written(department: Department) -> None:
    written = SICK[0]
    in_groups = f"其妻 {written[:6]} {written[6:14]}-{written[14:]}，"
    dates = "2021-05-01 2021-05-09"
    department.dataset = "dropout"
    rows = [["王建国", written, note] for note in (in_groups, written, dates)]
    batch = await department.send(as_csv(rows, headers=["姓名", "身份证号", "情况说明"]))
    assert [each["note"] for each in await department.listed(batch, "results")] == ["其妻 …，", "…", dates]


async def kept(department: Department) -> int:
    async with department.service.database.reading(system("tests")) as db:
        return int(await db.scalar(text("SELECT count(*) FROM comparison_refused")))


async def refused_of(client: httpx.AsyncClient, batch: dict[str, Any]) -> bytes:
    answer = await client.get(f"/comparisons/{batch['id']}/rejects", headers={"Accept": XLSX})
    assert (answer.status_code, answer.headers["content-type"]) == (200, XLSX)
    return answer.content


@pytest.mark.parametrize(
    ("separator", "encoding"),
    [(",", "utf-8"), ("\t", "utf-16"), (";", "gb18030")],
    ids=["CSV", "Unicode text", "semicolons"],
)
async def test_refused_rows_come_back_as_a_form_to_correct_and_send_again(
    department: Department, separator: str, encoding: str
) -> None:
    rows = [
        ["王建国", f"{SICK[0][:6]} {SICK[0][6:]}", "10", "住院"],
        ["李秀英", SICK[1], "许多", f"卡 {SICK[1]}"],
    ]
    content = as_csv([*rows, ["赵一", f"{SICK[2][:17]}?", "", "门诊"]]).decode().replace(",", separator)
    batch = await department.send(content.encode(encoding))
    assert figures(batch)[:5] == (3, 1, 0, 0, 2)
    book = openpyxl.load_workbook(BytesIO(await refused_of(department.client, batch)))
    sheet = book.active
    assert sheet is not None
    _, second, third = sheet.iter_rows(values_only=True)
    assert second == ("3", "自付金额：应为金额", "李秀英", SICK[1], "许多", f"卡 {SICK[1]}")
    assert third[0] == "4"
    assert "自付金额：必填项为空" in str(third[1])
    assert "身份证号：" in str(third[1])
    # Corrected where it stands, it is sent as it is.
    sheet["E2"] = "1,200元"
    sheet.delete_rows(3)
    corrected = BytesIO()
    book.save(corrected)
    again = await department.send(corrected.getvalue(), "2021-04")
    assert figures(again)[:5] == (1, 1, 0, 0, 0)


async def test_refused_rows_come_back_to_a_program_as_objects_to_send_again(department: Department) -> None:
    rows = [["王建国", SICK[0], "10", "住院"], ["李秀英", SICK[1], "许多", "住院"], ["赵一", SICK[2], "", ""]]
    batch = await department.send(as_csv(rows))
    asked = {"Accept": NDJSON, "Accept-Language": "en"}
    answer = await department.client.get(f"/comparisons/{batch['id']}/rejects", headers=asked)
    assert (answer.headers["content-type"], answer.headers["cache-control"]) == (NDJSON, "no-store")
    assert answer.headers["content-disposition"] == 'attachment; filename="refused.ndjson"'
    first, second = map(orjson.loads, answer.content.splitlines())
    who = {"姓名": "李秀英", "身份证号": SICK[1], "自付金额": "许多", "医疗类别": "住院"}
    assert first == {"原行号": 3, "退回原因": "自付金额：not an amount of money"} | who
    assert second["退回原因"] == "自付金额：nothing stands where something must"
    corrected = orjson.dumps(first | {"自付金额": 1200}) + b"\n" + orjson.dumps(second | {"自付金额": "3"})
    assert figures(await department.send(corrected, "2021-04"))[:5] == (2, 2, 0, 0, 0)


async def test_refused_rows_come_back_as_csv_to_whom_sends_it(department: Department) -> None:
    department.dataset = "minimum_living"
    rows = [["王建国", SICK[0], "停发", "-300", "-"], ["李秀英", SICK[1], "何", "-300", "=1+1"]]
    batch = await department.send(as_csv(rows, headers=DOUBTFUL))
    answer = await department.client.get(f"/comparisons/{batch['id']}/rejects", headers={"Accept": CSV})
    assert answer.headers["content-type"].startswith(CSV)
    assert answer.headers["content-disposition"] == 'attachment; filename="refused.csv"'
    header, row = csv.reader(StringIO(answer.content.decode("utf-8-sig")))
    assert header == ["原行号", "退回原因", "姓名", "身份证号", "变动类型", "月保障金额（元）", "变动原因"]
    assert row == ["3", "变动类型：不在可选范围内", "李秀英", SICK[1], "何", "-300", "'=1+1"]
    again = await department.send(answer.content.replace("何".encode(), "停发".encode()), "2021-04")
    assert figures(again)[:5] == (1, 1, 0, 0, 0)
    assert [each["note"] for each in await department.listed(again, "results")] == ["=1+1"]


@pytest.mark.parametrize(("kind", "encoding"), [(XLSX, ""), (NDJSON, ""), (CSV, "gb18030"), (CSV, "utf-16")])
async def test_refused_rows_alone_do_not_take_the_place_of_the_others(
    department: Department, kind: str, encoding: str
) -> None:
    batch = await department.send(
        as_csv([["王建国", SICK[0], "10", "住院"], ["李秀英", SICK[1], "许多", "住院"]])
    )
    handed_back = await department.client.get(f"/comparisons/{batch['id']}/rejects", headers={"Accept": kind})
    content = handed_back.content
    # Written again they may look otherwise: with all signs escaped, or in another encoding.
    if kind == NDJSON:
        content = json.dumps(orjson.loads(content)).encode()
    if kind == CSV:
        content = content.decode("utf-8-sig").encode(encoding)
    answer = await department.post(content)
    assert (answer.status_code, answer.json()["code"]) == (409, "refused_rows_alone")
    assert not list(department.service.runtime.spool.iterdir())
    # Checked alone they replace nothing, and nothing is there to be replaced in another period.
    assert figures(await department.send(content, mode="validate"))[0] == 1
    assert figures(await department.send(content, "2021-03"))[0] == 1
    assert (await department.shown(batch))["superseded_by"] is None


async def test_numbers_in_refused_rows_are_seen_by_their_sender_and_who_may_see_them(
    department: Department, scene: Scene
) -> None:
    batch = await department.send(as_csv([["李秀英", SICK[1], "许多", f"卡 {SICK[1]}"]]))
    supervisor = await scene.service.caller("supervisor", COUNTY, subject="supervisor")
    other = await scene.service.caller("department", COUNTY, subject="jiaoyu")
    path, wanted = f"/comparisons/{batch['id']}/rejects", {"Accept": XLSX}
    assert (await other.get(path, headers=wanted)).status_code == 404

    async def cells(client: httpx.AsyncClient) -> list[Any]:
        sheet = openpyxl.load_workbook(BytesIO(await refused_of(client, batch))).active
        assert sheet is not None
        return [cell.value for cell in sheet[2]][2:]

    assert (await cells(scene.county))[1] == SICK[1]
    assert await cells(supervisor) == ["李秀英", f"34{'*' * 14}{SICK[1][-2:]}", "许多", "卡 …"]
    async with department.service.database.reading(system("tests")) as db:
        stored = await db.scalar(text("SELECT cells FROM comparison_refused"))
    assert SICK[1].encode() not in stored
    assert "李秀英".encode() not in stored


async def test_of_a_batch_that_is_no_such_file_no_more_is_kept_than_anybody_corrects(
    department: Department, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(refused, "MOST", 5)
    monkeypatch.setattr(parts, "PART_BYTES", 200)
    batch = await department.send(as_csv([["王建国", "12", "5", "住院"]] * 40))
    assert (batch["invalid"], await kept(department)) == (40, 5)


async def test_of_a_cell_without_end_little_is_kept(department: Department) -> None:
    # A file of such rows would be handed back out of the memory of whoever answers requests.
    batch = await department.send(as_csv([["王" * 100_000, "1" * 100_000, "许多" * 50_000, "住院"]]))
    assert batch["invalid"] == 1
    sheet = openpyxl.load_workbook(BytesIO(await refused_of(department.client, batch))).active
    assert sheet is not None
    assert [len(str(cell.value)) for cell in sheet[2]][2:] == [200, 200, 200, 2]
    assert max(len(each["value"]) for each in await department.listed(batch, "rejects")) <= 40


async def fail(department: Department, taken: dict[str, Any], why: Refusal) -> None:
    """Let a batch's job end as it does that meets a refusal."""
    error = {language: problem_of(why, language).model_dump() for language in get_args(Language)}
    ended = text("UPDATE job SET state = 'failed', error = CAST(:error AS jsonb), finished_at = now()")
    async with department.service.database.writing(system("tests")) as db:
        await db.execute(ended, {"error": orjson.dumps(error).decode()})
    assert (await department.client.get(f"/jobs/{taken['job']}")).json()["state"] == "failed"


@pytest.mark.parametrize(
    ("what", "accept", "answered"),
    [
        ("results", NDJSON, None),
        ("results", f"{XLSX}, application/json;q=0.1", XLSX),
        ("results", "application/json, text/csv;q=0.1", "application/json"),
        ("results", "application/json;q=0.1, text/csv", "text/csv; charset=utf-8"),
        ("rejects", "application/pdf", None),
        ("rejects", f"{CSV};q=0.5, {NDJSON}", NDJSON),
        ("rejects", f"application/json, {CSV};q=0.1", "application/json"),
    ],
)
async def test_rows_are_answered_in_the_form_that_is_wanted_most(
    department: Department, what: str, accept: str, answered: str | None
) -> None:
    batch = await department.send(as_csv([["王建国", SICK[0], "5", "住院"], ["李秀英", "12", "5", "住院"]]))
    answer = await department.client.get(f"/comparisons/{batch['id']}/{what}", headers={"Accept": accept})
    if answered is None:
        assert (answer.status_code, answer.json()["code"]) == (406, "no_such_format")
    else:
        assert (answer.status_code, answer.headers["content-type"]) == (200, answered)


SHOWN = [
    ("results", "application/json"),
    ("results", CSV),
    ("rejects", "application/json"),
    ("rejects", XLSX),
    ("rejects", CSV),
    ("rejects", NDJSON),
]


@pytest.mark.parametrize(("what", "accept"), [*SHOWN, ("reconciliation", "application/json")])
async def test_of_a_batch_that_came_to_nothing_no_rows_are_shown_but_why(
    department: Department, monkeypatch: pytest.MonkeyPatch, what: str, accept: str
) -> None:
    monkeypatch.setattr(parts, "PART_BYTES", 300)
    rows = [["王建国", SICK[0], "5", "住院"], ["李秀英", "12", "5", "住院"]] * 10
    content = as_csv(rows)
    broken = content + "赵一,".encode() + b"\xff\r\n"
    taken = await department.take(broken)
    with pytest.raises(UnreadableFile) as refusal:
        await department.work(taken)
    assert await kept(department) > 0
    path = f"/comparisons/{taken['id']}/{what}"
    asked = {"Accept": accept, "Accept-Language": "zh"}
    waiting = await department.client.get(path, headers=asked)
    assert (waiting.status_code, waiting.json()["code"]) == (409, "comparison_not_finished")
    await fail(department, taken, refusal.value)
    answer = await department.client.get(path, headers=asked)
    assert (answer.status_code, answer.json()["code"]) == (409, "comparison_failed")
    assert "第 22 行有字符不是有效的 UTF-8 编码" in answer.json()["detail"]
    # The batch itself stands in the list, with nothing in it.
    assert figures(await department.shown(taken)) == (0, 0, 0, 0, 0, 0)
    corrected = await department.send(content)
    assert (
        await department.client.get(path.replace(taken["id"], corrected["id"]), headers=asked)
    ).status_code == 200


async def test_of_a_batch_whose_job_is_forgotten_no_rows_are_shown_either(department: Department) -> None:
    taken = await department.take(as_csv([["王建国", SICK[0], "5", "住院"]]))
    async with department.service.database.writing(system("tests")) as db:
        await db.execute(text("DELETE FROM job"))
    answer = await department.client.get(f"/comparisons/{taken['id']}/results")
    assert answer.json()["code"] == "comparison_failed"
    # Sent again it is compared, too, rather than taken for what was there.
    again = await department.send(as_csv([["王建国", SICK[0], "5", "住院"]]))
    assert (again["id"], figures(again)[:2]) == (taken["id"], (1, 1))
