"""The form that is to be filled in: chosen from lists however long, explained in both languages."""

from __future__ import annotations

from io import BytesIO

import httpx
import openpyxl
import pytest
from openpyxl.utils import range_boundaries

from services.household.imports.columns import form
from services.household.imports.template import template
from shared.domain.codes import code_lists

BOOK = openpyxl.load_workbook(BytesIO(template()))


def chosen_from(place: int) -> list[str]:
    """Return what the drop-down of the form's column offers."""
    sheet = BOOK.worksheets[0]
    for validation in sheet.data_validations.dataValidation:
        left, _, right, _ = range_boundaries(str(validation.sqref))
        if left <= place <= right:
            source = validation.formula1
            if source.startswith('"'):
                return list(source.strip('"').split(","))
            name, _, cells = source.partition("!")
            return [str(cell.value) for (cell,) in BOOK[name][cells.replace("$", "")]]
    return []


@pytest.mark.check
@pytest.mark.parametrize(
    "column", [each for each in form() if each.codes and not each.many], ids=lambda each: each.field
)
def test_a_coded_column_is_chosen_from_its_whole_list(column: object) -> None:
    place = form().index(column) + 1
    codes = code_lists()[form()[place - 1].codes or ""].codes
    assert chosen_from(place) == [code.zh for code in codes]


@pytest.mark.check
def test_the_lists_are_out_of_sight_and_every_column_is_explained() -> None:
    assert [sheet.sheet_state for sheet in BOOK.worksheets] == ["visible", "visible", "hidden"]
    header, *rows = BOOK.worksheets[1].iter_rows(values_only=True)
    assert header[0] == "列名"
    assert [row[0] for row in rows] == [column.header for column in form()]
    assert all(row[3] and row[4] and row[5] for row in rows)


async def test_programs_are_told_the_same(county: httpx.AsyncClient) -> None:
    zh = (await county.get("/households/imports/columns")).json()
    en = (await county.get("/households/imports/columns", headers={"Accept-Language": "en"})).json()
    assert [each["field"] for each in zh] == [column.field for column in form()]
    by_field = {each["field"]: each for each in zh}
    assert by_field["identity_number"]["private"] is True
    assert by_field["household_number"]["if_blank"] == "不得为空，该行退回"
    assert by_field["housing_grade"]["if_dash"] == "清除原有内容"
    assert by_field["ethnic_group"]["choices"][0] == "汉族"
    assert all(each["help"] and each["if_blank"] and each["if_dash"] for each in [*zh, *en])
    assert {each["if_dash"] for each in en} == {"is no value here", "what is known is cleared"}
