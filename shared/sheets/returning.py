"""Refused lines as a form to correct and send again: as they were sent, with the reasons beside them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from io import BytesIO
from pathlib import Path
from typing import NamedTuple
from zipfile import ZipFile

import orjson
import xlsxwriter

from shared.sheets.csv_lines import MARK, csv_lines, no_formula
from shared.sheets.form import UnreadableFile
from shared.sheets.members import members_of

#: Columns that no import knows: whoever sends the form again need not take them out.
LINE, REASON = "原行号", "退回原因"
_SHEET, _BOOK = "退回行", "xl/workbook.xml"
#: Where a workbook's first words stand: the sheet has another name where its rows were copied into a new one.
_WORDS = ("xl/sharedStrings.xml", "xl/worksheets/sheet1.xml")
#: In which a text's header or a workbook's first words stand, and what the names of all sheets take.
_PROBED, _LONGEST_BOOK = 4096, 1024**2
#: In which texts are taken, with all signs escaped among them; a sheet saved as "Unicode text" is UTF-16.
_ENCODINGS = ("utf-8", "gb18030", "utf-16-le", "utf-16-be", "unicode_escape")


class RefusedLine(NamedTuple):
    """A line that was refused: its number in the file, why, and its cells by field."""

    line: int
    reasons: Sequence[str]
    cells: Mapping[str, str]


def reason(header: str, words: str) -> str:
    """Return why a line was refused: in which column, unless it is the line as a whole."""
    return f"{header}：{words}" if header else words


def refused_form(headers: Mapping[str, str], lines: Iterable[RefusedLine]) -> bytes:
    """Return an XLSX with a header for each field; all cells are text, so nothing in them is a formula."""
    file = BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True, "strings_to_formulas": False}) as book:
        text = book.add_format({"num_format": "@", "text_wrap": True})
        header = book.add_format({"bold": True, "bg_color": "#F8CBAD", "border": 1, "text_wrap": True})
        sheet = book.add_worksheet(_SHEET)
        sheet.write_row(0, 0, [LINE, REASON, *headers.values()], header)
        sheet.set_column(1, 1, 40)
        sheet.set_column(2, len(headers) + 1, 14, text)
        for row, refused in enumerate(lines, start=1):
            cells = [refused.cells.get(field, "") for field in headers]
            for place, value in enumerate([str(refused.line), "；".join(refused.reasons), *cells]):
                sheet.write_string(row, place, value, text)
        sheet.freeze_panes(1, 2)
    return file.getvalue()


def refused_objects(headers: Mapping[str, str], lines: Iterable[RefusedLine]) -> bytes:
    """Return the same as NDJSON, for a program."""
    objects = (
        {LINE: line.line, REASON: "；".join(line.reasons)}
        | {header: line.cells.get(field, "") for field, header in headers.items()}
        for line in lines
    )
    return b"".join(orjson.dumps(each) + b"\n" for each in objects)


def refused_lines(headers: Mapping[str, str], lines: Iterable[RefusedLine]) -> bytes:
    """Return the same as CSV, for whoever sends CSV."""
    cells = (
        [str(line.line), "；".join(line.reasons), *(line.cells.get(field, "") for field in headers)]
        for line in lines
    )
    return MARK.encode() + csv_lines(
        [[LINE, REASON, *headers.values()], *(map(no_formula, row) for row in cells)]
    )


def is_returned(path: Path, kind: str) -> bool:
    """Tell whether a file is one that was handed back, corrected or not; of a workbook only how it begins is read."""
    if kind == "xlsx":
        try:
            with members_of(path) as members:
                book = members.getinfo(_BOOK)
                if book.file_size < _LONGEST_BOOK and f'"{_SHEET}"'.encode() in members.read(book):
                    return True
                return any(_says_why(members, each) for each in _WORDS)
        except (UnreadableFile, KeyError):
            return False
    with path.open("rb") as file:
        beginning = file.read(_PROBED)
    return any(REASON.encode(encoding) in beginning for encoding in _ENCODINGS)


def _says_why(members: ZipFile, name: str) -> bool:
    if name not in members.namelist():
        return False
    with members.open(name) as member:
        beginning = member.read(_PROBED)
    # Some programs write all signs as figures.
    return any(REASON.encode(*way) in beginning for way in (("utf-8",), ("ascii", "xmlcharrefreplace")))
