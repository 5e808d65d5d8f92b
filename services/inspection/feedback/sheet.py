"""The form for feedback, and refused lines as that form with the reasons beside them."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO

import xlsxwriter

from services.inspection.checklists.catalog import checklist_of
from services.inspection.feedback.columns import columns
from services.inspection.feedback.schemas import Reject

_WIDTH = 16
_LAST_ROW = 5000
_REASON = "退回原因"


def template(checklist: str) -> bytes:
    """Return the form to fill in: a drop-down of the items, and a sheet that explains the columns."""
    file = BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        header = book.add_format({"bold": True, "bg_color": "#DDEBF7", "border": 1, "text_wrap": True})
        must = book.add_format({"bold": True, "bg_color": "#F8CBAD", "border": 1, "text_wrap": True})
        sheet, explained = book.add_worksheet("考核反馈"), book.add_worksheet("填表说明")
        items = book.add_worksheet("项目")
        listed = [f"{item.code} {item.zh}" for item in checklist_of(checklist).items.values()]
        items.write_column(0, 0, listed)
        items.hide()
        for place, column in enumerate(columns()):
            sheet.write_string(0, place, column.header, must if column.required else header)
            explained.write_row(place, 0, [column.header, "必填" if column.required else "", column.help])
            if column.field == "item":
                rule = {"validate": "list", "source": f"=项目!$A$1:$A${len(listed)}"}
                sheet.data_validation(1, place, _LAST_ROW, place, rule)
        sheet.set_column(0, len(columns()) - 1, _WIDTH)
        explained.set_column(2, 2, 4 * _WIDTH)
        sheet.freeze_panes(1, 0)
    return file.getvalue()


def refused_form(rejects: Sequence[Reject]) -> bytes:
    """Return refused lines to correct and send again; all cells are text, so nothing in them is a formula."""
    file = BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True, "strings_to_formulas": False}) as book:
        text = book.add_format({"num_format": "@", "text_wrap": True})
        sheet = book.add_worksheet("退回行")
        header = book.add_format({"bold": True, "bg_color": "#F8CBAD", "border": 1})
        sheet.write_row(0, 0, ["原行号", _REASON, *(column.header for column in columns())], header)
        for row, reject in enumerate(rejects, start=1):
            reasons = "；".join(f"{fault.column}：{fault.message}" for fault in reject.faults)
            cells = [reject.cells.get(column.field, "") for column in columns()]
            for place, value in enumerate([str(reject.line), reasons, *cells]):
                sheet.write_string(row, place, value, text)
        sheet.set_column(1, 1, 3 * _WIDTH)
        sheet.set_column(2, len(columns()) + 1, _WIDTH)
        sheet.freeze_panes(1, 2)
    return file.getvalue()
