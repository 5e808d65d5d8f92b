"""The form for feedback, empty and with what was refused."""

from __future__ import annotations

from io import BytesIO

import xlsxwriter

from services.inspection.checklists.catalog import checklist_of
from services.inspection.feedback.columns import columns
from services.inspection.feedback.model import FeedbackFile
from services.inspection.feedback.schemas import Reject
from shared.sheets.returning import RefusedLine, reason, refused_form
from shared.web.language import Language

_WIDTH = 16
_LAST_ROW = 5000


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


def returned(file: FeedbackFile, language: Language) -> bytes:
    """Return a file's refused lines to correct and send again."""
    rejects = (Reject.of(each, language) for each in file.rejects)
    lines = [
        RefusedLine(each.line, [reason(fault.column, fault.message) for fault in each.faults], each.cells)
        for each in rejects
    ]
    return refused_form({column.field: column.header for column in columns()}, lines)
