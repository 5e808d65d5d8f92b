"""The form to fill: drop-downs from the code lists, numbers as text, a sheet that explains."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import xlsxwriter
from xlsxwriter.utility import xl_range_abs

from services.household.imports.columns import Column, form
from services.household.imports.help import columns_view
from shared.domain.codes import code_lists

TITLE = "农户及家庭成员信息采集表"
_LAST_ROW = 5000
#: Hidden: a list in a cell's own validation ends at 255 signs, one on a sheet does not.
_LISTS = "代码表"


def template() -> bytes:
    """Return the XLSX form: a title row, the header row, then one row a person."""
    file = BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        formats = {
            "title": book.add_format({"bold": True, "font_size": 16, "align": "center"}),
            "required": book.add_format(
                {"bold": True, "bg_color": "#F8CBAD", "border": 1, "text_wrap": True}
            ),
            "header": book.add_format({"bold": True, "bg_color": "#DDEBF7", "border": 1, "text_wrap": True}),
            # Text, so that Excel leaves identity numbers alone.
            "text": book.add_format({"num_format": "@"}),
            "wrapped": book.add_format({"text_wrap": True, "valign": "top"}),
        }
        sheet, help_sheet = book.add_worksheet("农户信息"), book.add_worksheet("填表说明")
        _form_sheet(sheet, formats, _lists(book.add_worksheet(_LISTS)))
        _help_sheet(help_sheet, formats)
    return file.getvalue()


def _lists(sheet: Any) -> dict[str, str]:
    """Write every code list into a column; returns list to its range."""
    ranges = {}
    for place, name in enumerate(sorted({column.codes for column in form() if column.codes})):
        labels = [code.zh for code in code_lists()[name].codes]
        sheet.write_column(0, place, labels)
        ranges[name] = f"={_LISTS}!{xl_range_abs(0, place, len(labels) - 1, place)}"
    sheet.hide()
    return ranges


def _form_sheet(sheet: Any, formats: dict[str, Any], ranges: dict[str, str]) -> None:
    columns = form()
    sheet.merge_range(0, 0, 0, len(columns) - 1, TITLE, formats["title"])
    for place, column in enumerate(columns):
        sheet.write(1, place, column.header, formats["required" if column.required else "header"])
        sheet.set_column(place, place, max(10, len(column.header) * 2.4), formats["text"])
        if source := _source(column, ranges):
            sheet.data_validation(2, place, _LAST_ROW, place, {"validate": "list", "source": source})
    sheet.freeze_panes(2, 0)


def _help_sheet(sheet: Any, formats: dict[str, Any]) -> None:
    sheet.write_row(0, 0, ["列名", "必填", "可选值", "填写说明", "空白", "填“-”"], formats["header"])
    for row, column in enumerate(columns_view("zh"), start=1):
        required, listed = "是" if column.required else "", "、".join(column.choices)
        cells = [column.header, required, listed, column.help, column.if_blank, column.if_dash]
        sheet.write_row(row, 0, cells, formats["wrapped"])
    sheet.set_column(0, 0, 18)
    sheet.set_column(2, 3, 60)
    sheet.set_column(4, 5, 18)
    sheet.freeze_panes(1, 1)


def _source(column: Column, ranges: dict[str, str]) -> list[str] | str | None:
    """Return what a cell is chosen from; several of a list are written, for Excel chooses one."""
    if column.yes_no:
        return ["是", "否"]
    return ranges[column.codes] if column.codes and not column.many else None
