"""Batches that a program sends page after page: in any order, twice, and not all of them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest

from shared.web.uploads import NDJSON
from tests.services.monitoring.comparing import Department, as_csv, figures, number
from tests.services.monitoring.conftest import COUNTY, Scene, household, numbered
from tests.services.monitoring.test_comparison_batches import count, withdrawn

SICK = [number(501), number(502)]
HEADERS = ("姓名", "身份证号", "自付金额")


@pytest.fixture
async def department(scene: Scene) -> Department:
    await scene.known(
        household(members=(numbered("王建国", SICK[0]),), destitute=True),
        household(members=(numbered("李秀英", SICK[1]),), destitute=True),
    )
    return Department(scene.service, await scene.service.caller("department", COUNTY, subject="yibao"))


def page(*rows: tuple[str, str, Any]) -> dict[str, Any]:
    return {"rows": [dict(zip(HEADERS, row, strict=True)) for row in rows]}


async def opened(department: Department) -> str:
    answer = await department.client.post("/comparisons/medical_expense/pages", params={"period": "2021-05"})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def test_pages_come_in_any_order_and_twice(department: Department) -> None:
    batch = await opened(department)
    pages = {
        1: page(("王建国", SICK[0], "1500.00"), ("外地人", number(998), 3)),
        2: page(("李秀英", SICK[1], 20.5), ("李秀英", "1", "1")),
    }
    for which in (2, 1, 2):
        answer = await department.client.put(f"/comparisons/{batch}/pages/{which}", json=pages[which])
        assert answer.json() == {"number": which, "rows": 2}
    closed = await department.client.post(f"/comparisons/{batch}/closing", json={"pages": 2})
    assert closed.status_code == 202, closed.text
    await department.work(closed.json())
    shown = await department.shown(closed.json())
    assert figures(shown) == (4, 2, 0, 1, 1, 1)
    lines = [each["line"] for each in await department.listed(shown, "results")]
    assert (lines, not list(department.service.runtime.spool.iterdir())) == ([1, 2, 3], True)
    again = await department.client.post(f"/comparisons/{batch}/closing", json={"pages": 2})
    assert again.json()["job"] == closed.json()["job"]


async def test_pages_of_a_row_each_are_compared_together(department: Department) -> None:
    batch = await opened(department)
    for which in range(1, 21):
        row = {"name": "李秀英", "identity_number": SICK[1], "amount": which}
        sent = page(("王建国", SICK[0], which)) if which % 2 else {"rows": [row, {}]}
        await department.client.put(f"/comparisons/{batch}/pages/{which}", json=sent)
    closed = await department.client.post(f"/comparisons/{batch}/closing", json={"pages": 20})
    await department.work(closed.json())
    results = await department.listed(closed.json(), "results")
    # A row by field, one by header; and a line of each page's objects, also of one without a word.
    lines = [line for line in range(1, 31) if line % 3]
    assert [(each["line"], each["amount"]) for each in results] == [
        (line, f"{amount}.00") for line, amount in zip(lines, range(1, 21), strict=True)
    ]
    # Each part takes a transaction and a look at the registry.
    assert await count(department, "comparison_part") == 1


async def test_what_waits_for_its_job_is_on_the_disk(
    department: Department, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced, whole = set[str](), os.fsync

    def noted(descriptor: int) -> None:
        synced.add(str(Path(f"/proc/self/fd/{descriptor}").readlink()))
        whole(descriptor)

    monkeypatch.setattr(os, "fsync", noted)
    await department.take(as_csv([["王建国", SICK[0], "1500", "住院"]]))
    batch = await opened(department)
    await department.client.put(f"/comparisons/{batch}/pages/1", json=page(("王建国", SICK[0], "1")))
    spool = department.service.runtime.spool
    waiting = {str(path) for path in spool.rglob("*")}
    assert len(waiting) == 3
    assert synced == waiting | {str(spool)}


async def test_no_page_at_all_says_that_there_is_nobody(department: Department) -> None:
    first = await department.send(as_csv([["王建国", SICK[0], "1500", "住院"]]))
    batch = await opened(department)
    closed = await department.client.post(f"/comparisons/{batch}/closing", json={"pages": 0})
    await department.work(closed.json())
    assert figures(await department.shown(closed.json())) == (0,) * 6
    assert (await department.shown(first))["superseded_by"] == batch
    again = await department.client.post(f"/comparisons/{batch}/closing", json={"pages": 0})
    assert again.json()["job"] == closed.json()["job"]


async def test_pages_are_refused_with_a_reason(department: Department, scene: Scene) -> None:
    batch = await opened(department)
    url = f"/comparisons/{batch}"
    first = page(("王建国", SICK[0], "1"))

    async def code(method: str, path: str, body: dict[str, Any]) -> str:
        return str((await department.client.request(method, url + path, json=body)).json()["code"])

    await department.client.put(f"{url}/pages/2", json=first)
    assert await code("PUT", "/pages/2", page(("王建国", SICK[0], "2"))) == "comparison_page_differs"
    assert await code("POST", "/closing", {"pages": 2}) == "comparison_pages_missing"
    assert await code("POST", "/closing", {"pages": 1}) == "comparison_pages_missing"
    assert await code("GET", "/results", {}) == "comparison_not_finished"
    await department.client.put(f"{url}/pages/1", json=first)
    await department.client.post(f"{url}/closing", json={"pages": 2})
    # Whoever counts otherwise now has a page that was not taken.
    assert await code("POST", "/closing", {"pages": 3}) == "comparison_not_open"
    assert await code("PUT", "/pages/3", first) == "comparison_not_open"
    other = await scene.service.caller("department", COUNTY, subject="jiaoyu")
    assert (await other.put(f"{url}/pages/3", json=first)).status_code == 404
    assert (await other.post(f"{url}/closing", json={"pages": 2})).status_code == 404


@pytest.mark.parametrize(
    ("pages", "english", "chinese"),
    [
        (3, "missing of 3: 1, 3", "共 3 页，缺少第 1、3 页"),
        (1, "missing of 1: 1", "共 1 页，缺少第 1 页"),
        (
            30,
            "missing of 30: 1, 3, 4, 5, 6, 7, 8, 9, 10, 11…",
            "共 30 页，缺少第 1、3、4、5、6、7、8、9、10、11… 页",
        ),
    ],
)
async def test_which_pages_are_missing_is_told(
    department: Department, pages: int, english: str, chinese: str
) -> None:
    url = f"/comparisons/{await opened(department)}"
    await department.client.put(f"{url}/pages/2", json=page(("王建国", SICK[0], "1")))

    async def told(language: str) -> str:
        asked = {"Accept-Language": language}
        answer = await department.client.post(f"{url}/closing", json={"pages": pages}, headers=asked)
        return str(answer.json()["detail"])

    assert (await told("en"), await told("zh")) == (english, chinese)


async def test_more_pages_than_were_said_are_told(department: Department) -> None:
    url = f"/comparisons/{await opened(department)}"
    for which in (1, 2):
        await department.client.put(f"{url}/pages/{which}", json=page(("王建国", SICK[0], str(which))))
    answer = await department.client.post(f"{url}/closing", json={"pages": 1})
    assert (answer.status_code, answer.json()["detail"]) == (409, "共 1 页，多出第 2 页")


async def test_rows_that_call_a_field_otherwise_or_nothing_are_counted(department: Department) -> None:
    batch = await opened(department)
    first = page(("王建国", SICK[0], "1500.00"))["rows"]
    rows = [*first, {"name": "李秀英", "identity_number": SICK[1], "amount": 20.5}, {"名字": "赵一"}]
    await department.client.put(f"/comparisons/{batch}/pages/1", json={"rows": rows})
    closed = await department.client.post(f"/comparisons/{batch}/closing", json={"pages": 1})
    await department.work(closed.json())
    assert figures(await department.shown(closed.json())) == (3, 2, 0, 0, 1, 1)
    lines = [(each["line"], each["code"]) for each in await department.listed(closed.json(), "rejects")]
    assert lines == [(3, "empty"), (3, "missing"), (3, "missing")]


async def test_objects_without_a_word_are_no_rows_of_a_page(department: Department) -> None:
    batch = await opened(department)
    rows = [{}, *page(("王建国", SICK[0], "1500.00"))["rows"], {"姓名": "", "自付金额": None}]
    answer = await department.client.put(f"/comparisons/{batch}/pages/1", json={"rows": rows})
    closed = await department.client.post(f"/comparisons/{batch}/closing", json={"pages": 1})
    await department.work(closed.json())
    assert answer.json()["rows"] == (await department.shown(closed.json()))["rows"] == 1


async def test_refused_rows_alone_do_not_take_the_place_of_the_others_as_pages(
    department: Department,
) -> None:
    rows = [("王建国", SICK[0], "10"), ("李秀英", SICK[1], "许多")]
    sent = await department.send(as_csv([[*row] for row in rows], headers=HEADERS))
    answer = await department.client.get(f"/comparisons/{sent['id']}/rejects", headers={"Accept": NDJSON})
    corrected = orjson.loads(answer.content) | {"自付金额": 20.5}
    batch = await opened(department)
    await department.client.put(f"/comparisons/{batch}/pages/1", json={"rows": [corrected]})
    alone = await department.client.post(f"/comparisons/{batch}/closing", json={"pages": 1})
    assert (alone.status_code, alone.json()["code"]) == (409, "refused_rows_alone")
    await department.client.put(f"/comparisons/{batch}/pages/2", json=page(rows[0]))
    whole = await department.client.post(f"/comparisons/{batch}/closing", json={"pages": 2})
    await department.work(whole.json())
    assert figures(await department.shown(whole.json()))[:2] == (2, 2)


async def test_a_cell_that_is_none_is_told_once_and_not_ten_thousand_times(department: Department) -> None:
    batch = await opened(department)
    rows = {"rows": [{"姓名": ["王建国"]}] * 500}
    for language, words in (
        ("zh", "单元格应为文本、数字、是否或空"),
        ("en", "a cell is text, a number, true, false or null"),
    ):
        answer = await department.client.put(
            f"/comparisons/{batch}/pages/1", json=rows, headers={"Accept-Language": language}
        )
        told = answer.json()["errors"]
        assert (answer.status_code, len(told)) == (422, 100)
        assert told[0] == {"pointer": "/rows/0/姓名", "code": "not_a_cell", "message": words}


async def test_pages_hold_no_more_together_than_a_file_may(department: Department) -> None:
    common = department.service.runtime.common
    url = f"/comparisons/{await opened(department)}"
    first, second = page(("王建国", SICK[0], "1500.00")), page(("李秀英", SICK[1], "20.50"))

    async def put(which: int, body: dict[str, Any], room: int) -> httpx.Response:
        common.max_upload_bytes = room
        return await department.client.put(f"{url}/pages/{which}", json=body)

    held = len(orjson.dumps(first["rows"][0]) + b"\n")
    both = held + len(orjson.dumps(second["rows"][0]) + b"\n")
    assert (await put(1, first, held)).status_code == 200
    refused = await put(2, second, both - 1)
    assert (refused.status_code, refused.json()["code"]) == (413, "too_large")
    # What is there stays, comes again, and the page is taken where there is room.
    assert [(await put(1, first, held)).status_code, (await put(2, second, both)).status_code] == [200, 200]
    closed = await department.client.post(f"{url}/closing", json={"pages": 2})
    await department.work(closed.json())
    assert figures(await department.shown(closed.json()))[:2] == (2, 2)


async def closed_after_a_file(department: Department) -> tuple[dict[str, Any], dict[str, Any]]:
    """Open a batch of pages, post a file about one person, and close the pages, which are about both."""
    batch = await opened(department)
    rows = [("王建国", SICK[0], "1500.00"), ("李秀英", SICK[1], "1500.00")]
    await department.client.put(f"/comparisons/{batch}/pages/1", json=page(*rows))
    file = await department.take(as_csv([rows[0]], headers=HEADERS))
    closed = await department.client.post(f"/comparisons/{batch}/closing", json={"pages": 1})
    return file, dict(closed.json())


@pytest.mark.parametrize("first", ["the file", "the pages"])
async def test_pages_are_said_when_they_are_closed_and_not_when_they_are_opened(
    department: Department, first: str
) -> None:
    file, pages = await closed_after_a_file(department)
    for batch in (file, pages) if first == "the file" else (pages, file):
        await department.work(batch)
    shown = [await department.shown(batch) for batch in (file, pages)]
    assert [each["superseded_by"] for each in shown] == [pages["id"], None]
    assert [each["alerts"] for each in shown] == [0, 2]


async def test_what_a_file_told_is_withdrawn_with_the_pages_that_took_its_place(
    department: Department, scene: Scene
) -> None:
    file, pages = await closed_after_a_file(department)
    for batch in (file, pages):
        await department.work(batch)
    await department.send(as_csv([("王建国", SICK[0], "2000")], headers=HEADERS), "2021-06")
    await withdrawn(department, await department.shown(pages))
    clues = {each["status"]: each["evidence"] for each in (await scene.county.get("/clues")).json()["items"]}
    of_wang = [("2021-05" in each["facts"], "taken_back_on" in each) for each in clues["received"]]
    assert (of_wang, len(clues["dismissed"])) == ([(True, True), (False, False)], 1)


async def test_a_number_of_a_page_keeps_all_its_digits(department: Department) -> None:
    batch = await opened(department)
    rows = [{"姓名": "王建国", "身份证号": SICK[0], "自付金额": amount} for amount in (1e3, 0.1, 1e-7)]
    await department.client.put(f"/comparisons/{batch}/pages/1", json={"rows": rows})
    closed = await department.client.post(f"/comparisons/{batch}/closing", json={"pages": 1})
    await department.work(closed.json())
    assert [each["amount"] for each in await department.listed(closed.json(), "results")] == [
        "1000.00",
        "0.10",
    ]
    (reject,) = await department.listed(closed.json(), "rejects")
    assert reject["value"] == "0.0000001"
