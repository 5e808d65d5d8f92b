"""Results as a workbook: what the file of lines says, in cells that can be sorted and added up."""

from __future__ import annotations

import csv
from io import BytesIO, StringIO
from typing import Any

import httpx
import openpyxl
import pytest

from services.monitoring.comparisons import downloads
from shared.web.uploads import CSV, XLSX
from tests.services.monitoring.comparing import Department, as_csv, number
from tests.services.monitoring.conftest import COUNTY, TOWN, Scene, household, numbered

WANG, LI = number(801), number(802)
HEADERS = ["姓名", "身份证号", "自付金额", "就诊类型"]


@pytest.fixture
async def department(scene: Scene) -> Department:
    people = (numbered("王建国", WANG), numbered("=李秀英", LI))
    await scene.known(*(household(members=(each,)) for each in people))
    return Department(scene.service, await scene.service.caller("department", COUNTY, subject="yibao"))


@pytest.fixture
async def batch(department: Department) -> dict[str, Any]:
    rows = [
        ["王建国", WANG, "1234.5", "住院"],
        ["=李秀英", LI, "7", "住院"],
        ["周某", number(990), "5", "门诊"],
        ["王建国", WANG, "3.25", "门诊"],
    ]
    return await department.send(as_csv(rows, headers=HEADERS), "2021-05")


async def sheet_of(client: httpx.AsyncClient, batch: dict[str, Any], **query: str) -> list[list[Any]]:
    answer = await client.get(f"/comparisons/{batch['id']}/results", params=query, headers={"Accept": XLSX})
    assert (answer.status_code, answer.headers["content-type"]) == (200, XLSX)
    sheet = openpyxl.load_workbook(BytesIO(answer.content)).active
    assert sheet is not None
    assert not [cell for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]
    return [["" if cell is None else cell for cell in row] for row in sheet.iter_rows(values_only=True)]


async def lines_of(client: httpx.AsyncClient, batch: dict[str, Any], **query: str) -> list[list[str]]:
    answer = await client.get(f"/comparisons/{batch['id']}/results", params=query, headers={"Accept": CSV})
    return list(csv.reader(StringIO(answer.text.removeprefix("\ufeff"))))


@pytest.mark.parametrize("query", [{}, {"outcome": "matched"}, {"outcome": "departed"}])
@pytest.mark.parametrize(("role", "area"), [("county_officer", COUNTY), ("town_officer", TOWN)])
async def test_it_says_what_the_file_of_lines_says(
    department: Department, batch: dict[str, Any], query: dict[str, str], role: str, area: str
) -> None:
    caller = await department.service.caller(role, area)
    header, *lines = await lines_of(caller, batch, **query)
    said, *rows = await sheet_of(caller, batch, **query)
    assert said == header
    for row, line in zip(rows, lines, strict=True):
        for figure in (header.index("行号"), header.index("自付金额")):
            assert row[figure] == (float(line[figure]) if line[figure] else "")
            row[figure] = line[figure]
        # A sign before what might be a formula is for those who open lines in a spreadsheet.
        assert [str(cell) for cell in row] == [cell.removeprefix("'") for cell in line]


async def test_a_department_learns_no_registered_name(department: Department, batch: dict[str, Any]) -> None:
    header, *rows = await sheet_of(department.client, batch)
    assert "登记姓名" not in header
    assert len(rows) == 4


async def test_parts_that_lie_apart_follow_each_other(
    department: Department, batch: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(downloads, "_CHUNK", 1)
    _, *rows = await sheet_of(department.client, batch)
    assert [row[0] for row in rows] == [2, 3, 4, 5]


async def test_more_than_somebody_looks_through_is_refused(
    department: Department, batch: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(downloads, "MOST_IN_WORKBOOK", 2)
    address = f"/comparisons/{batch['id']}/results"
    answer = await department.client.get(address, headers={"Accept": XLSX})
    assert (answer.status_code, answer.json()["code"]) == (422, "too_many_for_workbook")
    assert len(await sheet_of(department.client, batch, outcome="unmatched")) == 2
    assert not list(department.service.runtime.spool.glob("*.xlsx"))
