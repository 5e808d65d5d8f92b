"""Refused lines as a form to correct and send again: as they were sent, with the reasons beside them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from io import BytesIO

import xlsxwriter

from services.household.imports.columns import Column, form

#: Columns that the import does not know and passes over.
LINE, REASON = "原行号", "退回原因"
Cells = Mapping[str, str]


def refused_form(lines: Mapping[int, Cells], reasons: Mapping[int, Sequence[str]]) -> bytes:
    """Return an XLSX with the form's columns that were sent; all cells are text, so nothing in them is a formula."""
    columns = _sent(lines)
    file = BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True, "strings_to_formulas": False}) as book:
        text = book.add_format({"num_format": "@"})
        header = book.add_format({"bold": True, "bg_color": "#F8CBAD", "border": 1, "text_wrap": True})
        sheet = book.add_worksheet("退回行")
        sheet.write_row(0, 0, [LINE, REASON, *(column.header for column in columns)], header)
        sheet.set_column(1, 1, 40)
        sheet.set_column(2, len(columns) + 1, 14, text)
        for row, (line, cells) in enumerate(lines.items(), start=1):
            values = [str(line), "；".join(reasons[line]), *(cells[column.field] for column in columns)]
            for place, value in enumerate(values):
                sheet.write_string(row, place, value, text)
        sheet.freeze_panes(1, 2)
    return file.getvalue()


def _sent(lines: Mapping[int, Cells]) -> list[Column]:
    first: Cells = next(iter(lines.values()), {})
    return [column for column in form() if not lines or column.field in first]
