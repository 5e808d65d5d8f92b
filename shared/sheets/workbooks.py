"""Workbooks: the one sheet that holds the rows, below its header."""

from __future__ import annotations

from pathlib import Path

import fastexcel
import polars as pl

from shared.sheets.form import TOP, Form, Header, SeveralSheets, UnreadableFile, filled
from shared.sheets.weighing import weigh


def read_workbook(path: Path, form: Form) -> tuple[pl.DataFrame, Header]:
    """Return a workbook's rows by field, with ``line``, and its header.

    Refuses with ``HeaderMissing``, ``SeveralSheets``, or ``UnreadableFile`` where it is too large.
    """
    members = weigh(path)
    book = fastexcel.read_excel(path)
    if len(book.sheet_names) > members:
        # The same sheet under many names would be read as often.
        raise UnreadableFile
    sheet = _sheet(book, _place_of(book, form))
    header = form.find_header(sheet.head(TOP).rows())
    if header is None:
        raise form.missing()
    return _below(sheet, header), header


def _place_of(book: fastexcel.ExcelReader, form: Form) -> int:
    """Return which sheet has the header: others explain it, or are left over."""
    if len(book.sheet_names) == 1:
        return 0
    headed = [place for place in range(len(book.sheet_names)) if _header_of(book, place, form)]
    if len(headed) > 1:
        # An empty form that was left behind is no second sheet.
        with_rows = [place for place in headed if _has_rows(book, place, form)]
        if len(with_rows) > 1:
            names = "、".join(book.sheet_names[place] for place in with_rows)
            raise SeveralSheets(zh_detail=f"有数据的工作表：{names}")
        headed = with_rows or headed
    return headed[0] if headed else 0


def _header_of(book: fastexcel.ExcelReader, place: int, form: Form) -> Header | None:
    return form.find_header(_sheet(book, place, TOP).rows())


def _has_rows(book: fastexcel.ExcelReader, place: int, form: Form) -> bool:
    for rows in (2 * TOP, None):
        sheet = _sheet(book, place, rows)
        header = form.find_header(sheet.head(TOP).rows())
        if header and _below(sheet, header).height:
            return True
    return False


def _below(sheet: pl.DataFrame, header: Header) -> pl.DataFrame:
    numbered = sheet.with_row_index("line", offset=1).slice(header.position + 1)
    return filled(header.fields_of(numbered))


def _sheet(book: fastexcel.ExcelReader, place: int, rows: int | None = None) -> pl.DataFrame:
    sheet = book.load_sheet(place, header_row=None, dtypes="string", skip_rows=0, n_rows=rows)
    return sheet.to_polars()
