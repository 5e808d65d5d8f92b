"""A row with more cells than the header: which of them is which nobody knows."""

from __future__ import annotations

from io import BytesIO

import openpyxl

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
