"""Rows with more cells than the header, of which nobody knows which is which, and numbers that a spreadsheet spoilt."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import openpyxl
import pytest

from shared.web.uploads import XLSX
from tests.clients import ServiceUnderTest
from tests.services.household.conftest import COUNTY
from tests.services.household.test_imports import Office, as_csv, line


async def test_a_row_with_more_cells_than_the_header_is_refused(registry: ServiceUnderTest) -> None:
    office = Office(registry, await registry.caller("county_officer", COUNTY))
    unquoted = as_csv([line("H1", "101", 姓名="王建,国"), line("H2", "102")]).replace(b'"', b"")
    taken = await office.take(unquoted)
    figures = (await office.work(taken))["by_code"]
    assert figures["too_many_cells"] == 1
    assert [each["number"] for each in await office.households()] == ["H2"]
    form = await office.client.get(f"/households/imports/{taken['id']}/rejects", headers={"Accept": XLSX})
    sheet = openpyxl.load_workbook(BytesIO(form.content)).worksheets[0]
    shown = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert any("单元格多于表头，可能有未加引号的逗号" in str(cell) for row in shown for cell in row)
    assert not any(str(cell).startswith("：") for row in shown for cell in row)


@pytest.mark.parametrize(
    ("header", "cell"),
    [
        pytest.param("户编号", "3.40621E+17", id="a household's number in powers of ten"),
        pytest.param("银行账号", 6228480123456780000, id="a bank account of which 15 digits are left"),
        pytest.param("银行账号", "6.22848E+18", id="a bank account in powers of ten"),
    ],
)
async def test_numbers_that_a_spreadsheet_spoilt_are_refused(
    registry: ServiceUnderTest, header: str, cell: object
) -> None:
    office = Office(registry, await registry.caller("county_officer", COUNTY))
    row: dict[str, Any] = line("H1", "101") | {header: cell}
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for cells in (row.keys(), row.values()):
        sheet.append(list(cells))
    file = BytesIO()
    book.save(file)
    expected = "bad_bank_account" if cell == "6.22848E+18" else "spoilt_figure"
    assert await office.rejects(file.getvalue()) == [(2, expected)]
    assert await office.households() == []
