"""Workbooks of several sheets: the one that holds the rows is read, and none of several is left out unseen."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

from shared.sheets.form import Form, HeaderMissing, SeveralSheets
from shared.sheets.reading import read_table

FORM = Form({"姓名": "name", "备注": "note"}, frozenset({"name", "note"}))
EXPLAINED: list[tuple[str, ...]] = [("填表说明",), ("姓名", "与身份证一致"), ("备注", "可不填")]
ROWS: list[tuple[str, ...]] = [("某县报表",), ("姓名", "备注"), ("王建国", "住院")]
EMPTY: list[tuple[str, ...]] = [("姓名", "备注", "序号"), ("", " ", "1"), ("", "", "2")]


def workbook(path: Path, *sheets: list[tuple[str, ...]], hidden: int | None = None) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for place, rows in enumerate(sheets):
        sheet = book.create_sheet(f"表{place + 1}")
        for row in rows:
            sheet.append(row)
        if place == hidden:
            sheet.sheet_state = "hidden"
    book.active = 1 if hidden == 0 else 0
    book.save(path)
    return path


@pytest.mark.parametrize(
    ("sheets", "hidden"),
    [
        pytest.param([ROWS], None, id="the only one"),
        pytest.param([EXPLAINED, ROWS], None, id="behind the explanation"),
        pytest.param([EXPLAINED, ROWS], 0, id="behind one that is hidden"),
        pytest.param([ROWS, [], EXPLAINED], None, id="before others"),
        pytest.param([ROWS, ROWS[:2]], None, id="before a form that was left empty"),
        pytest.param([EMPTY, ROWS], None, id="behind one with blanks and numbers of rows"),
    ],
)
def test_the_sheet_that_has_the_header_is_read(
    tmp_path: Path, sheets: list[list[tuple[str, ...]]], hidden: int | None
) -> None:
    table = read_table(workbook(tmp_path / "file.xlsx", *sheets, hidden=hidden), "xlsx", FORM)
    assert table.rows() == [(3, "王建国", "住院")]


def test_rows_in_several_sheets_are_refused_rather_than_left_out(tmp_path: Path) -> None:
    with pytest.raises(SeveralSheets) as refusal:
        read_table(workbook(tmp_path / "file.xlsx", ROWS, EXPLAINED, ROWS), "xlsx", FORM)
    assert refusal.value.zh_detail == "有数据的工作表：表1、表3"


def test_rows_far_below_a_header_are_not_left_out(tmp_path: Path) -> None:
    far: list[tuple[str, ...]] = [*ROWS[:2], *[("",)] * 100, ("李秀英", "门诊")]
    with pytest.raises(SeveralSheets):
        read_table(workbook(tmp_path / "file.xlsx", ROWS, far), "xlsx", FORM)


def test_of_forms_that_are_all_empty_no_row_is_read(tmp_path: Path) -> None:
    assert read_table(workbook(tmp_path / "file.xlsx", EMPTY, ROWS[:2]), "xlsx", FORM).height == 0


def test_where_no_sheet_has_the_header_it_is_missing(tmp_path: Path) -> None:
    with pytest.raises(HeaderMissing):
        read_table(workbook(tmp_path / "file.xlsx", EXPLAINED, []), "xlsx", FORM)
