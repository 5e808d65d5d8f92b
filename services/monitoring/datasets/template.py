"""A dataset's form to fill in, empty or with a sample."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO

import xlsxwriter

from services.monitoring.datasets.catalog import Dataset


def form_of(dataset: Dataset, rows: Sequence[Sequence[str]] = ()) -> bytes:
    """Return the XLSX form: a title row, then the header; cells are text, so that numbers stay whole."""
    file = BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        sheet = book.add_worksheet(dataset.zh[:31])
        text = book.add_format({"num_format": "@"})
        bold = book.add_format({"bold": True, "bg_color": "#DDEBF7", "border": 1})
        sheet.write(0, 0, f"{dataset.department}：{dataset.zh}。{dataset.description}")
        for place, column in enumerate(dataset.columns):
            sheet.write(1, place, column.titled, bold)
            sheet.set_column(place, place, 22, text)
        for place, row in enumerate(rows, start=2):
            for column_place, cell in enumerate(row):
                sheet.write_string(place, column_place, cell, text)
        sheet.freeze_panes(2, 0)
    return file.getvalue()
