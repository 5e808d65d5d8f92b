"""The form to fill: drop-downs from the code lists, numbers as text, a sheet that explains."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import xlsxwriter

from services.household.imports.columns import Column, form
from shared.domain.codes import code_lists

TITLE = "农户及家庭成员信息采集表"
_LAST_ROW = 5000
#: Excel takes no longer list of choices in a cell's validation.
_LONGEST_LIST = 255


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
        }
        _form_sheet(book.add_worksheet("农户信息"), formats)
        _help_sheet(book.add_worksheet("填表说明"), formats)
    return file.getvalue()


def _form_sheet(sheet: Any, formats: dict[str, Any]) -> None:
    columns = form()
    sheet.merge_range(0, 0, 0, len(columns) - 1, TITLE, formats["title"])
    for place, column in enumerate(columns):
        sheet.write(1, place, column.header, formats["required" if column.required else "header"])
        sheet.set_column(place, place, max(10, len(column.header) * 2.4), formats["text"])
        if choices := _choices(column):
            sheet.data_validation(2, place, _LAST_ROW, place, {"validate": "list", "source": choices})
    sheet.freeze_panes(2, 0)


def _help_sheet(sheet: Any, formats: dict[str, Any]) -> None:
    sheet.write_row(0, 0, ["列名", "必填", "可选值", "说明"], formats["header"])
    for row, column in enumerate(form(), start=1):
        labels = [code.zh for code in code_lists()[column.codes].codes] if column.codes else []
        values = "、".join(labels) if labels else ("是、否" if column.yes_no else "")
        sheet.write_row(row, 0, [column.header, "是" if column.required else "", values, column.help])
    sheet.set_column(0, 0, 18)
    sheet.set_column(2, 3, 60)


def _choices(column: Column) -> list[str]:
    if column.yes_no:
        return ["是", "否"]
    if not column.codes or column.many:
        return []
    labels = [code.zh for code in code_lists()[column.codes].codes]
    return labels if len(",".join(labels)) <= _LONGEST_LIST else []
