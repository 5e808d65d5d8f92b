"""What a workbook would become, found out before a reader takes its word for it.

A reader lays a sheet out from its first cell to its last, whether anything stands between them or not: two cells in a
file of one kilobyte make seventeen billion, and the process that holds them is gone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import IO
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

from shared.sheets.form import UnreadableFile
from shared.sheets.members import members_of

#: Uncompressed, and in cells, words that they share included: a million rows of twenty columns fit.
_LARGEST, _MOST_CELLS = 2 * 1024**3, 30_000_000
_CHUNK, _LONGEST_TAG = 1024**2, 64 * 1024
#: Workbooks of other kinds, which are read from elsewhere in the file.
_OTHER_KINDS = frozenset({"xl/workbook.bin", "content.xml"})
#: For how many words a reader makes room, and of how many bytes each is at least.
_ROOM, _SHORTEST = re.compile(rb"""uniqueCount\s*=\s*["']([0-9]+)"""), 5
#: A cell that does not say first of all that it is in a column up to Z and above a sheet's end: so many fit anyhow.
_UNUSUAL = re.compile(rb'<c(?=[\s/>])(?! r="[A-Z](?:[0-9]{1,6}|10[0-9]{5})")'), re.compile(rb":c[\s/>]")
_TAG = re.compile(rb"""<(?:\w+:)?(row|c)(?=[\s/>])((?:[^>"']|"[^"]*"|'[^']*')*)>""")
_PLACE = re.compile(rb"""\sr\s*=\s*["']([A-Za-z]*)([0-9]*)""")
_TELLING = re.compile(rb"<(?:\w+:)?(?:row|c|sst)[\s/>]")


def weigh(path: Path) -> int:
    """Refuse a workbook that is none, or would become larger than memory; returns how many members it has."""
    with members_of(path) as members:
        return _weigh(members)


def _weigh(members: ZipFile) -> int:
    found = members.infolist()
    are_plain = all(
        each.compress_type in {ZIP_STORED, ZIP_DEFLATED} and not each.flag_bits & 1 for each in found
    )
    of_another_kind = not _OTHER_KINDS.isdisjoint(each.filename for each in found)
    if of_another_kind or not are_plain:
        raise UnreadableFile
    if sum(each.file_size for each in found) > _LARGEST:
        raise _too_large()
    cells = 0
    for each in found:
        # Read to its end: one that is larger than it says is found out there.
        with members.open(each) as content:
            told, is_usual = _told(content, each.file_size)
        cells += told
        if cells > _MOST_CELLS:
            raise _too_large()
        if not is_usual:
            with members.open(each) as content:
                _expect_to_fit(content)
    return len(found)


def _told(content: IO[bytes], size: int) -> tuple[int, bool]:
    """Return how many cells and shared words there are at most, and whether all cells stand where most do."""
    told, is_usual = 0, True
    for chunk in _tags(content):
        told += chunk.count(b"<c") + chunk.count(b"<si") + chunk.count(b":si")
        is_usual = is_usual and not any(unusual.search(chunk) for unusual in _UNUSUAL)
        if any(int(room) * _SHORTEST > size for room in _ROOM.findall(chunk)):
            raise UnreadableFile
    return told, is_usual


def _expect_to_fit(content: IO[bytes]) -> None:
    """Refuse a sheet that has too many cells once it is laid out."""
    row = column = rows = columns = 0
    for chunk in _tags(content):
        for name, attributes in _TAG.findall(chunk):
            place = _PLACE.search(attributes)
            letters, digits = place.groups() if place else (b"", b"")
            if name == b"row":
                row, column = int(digits or row + 1), 0
                continue
            row, column = int(digits or row), _column(letters) or column + 1
            # In some nothing stands: a format that was drawn to the sheet's end.
            if not attributes.endswith(b"/"):
                rows, columns = max(rows, row), max(columns, column)
        if rows * columns > _MOST_CELLS:
            raise _too_large()


def _too_large() -> UnreadableFile:
    return UnreadableFile(
        "its sheets become too large: delete what stands far off the table, or send it as CSV",
        zh_detail="工作表过大：请删除表格以外远处的单元格，或改用 CSV 报送",
    )


def _column(letters: bytes) -> int:
    column = 0
    for letter in letters.upper():
        column = column * 26 + letter - ord("A") + 1
    return column


def _tags(content: IO[bytes]) -> Iterator[bytes]:
    """Yield a member in chunks that end before a tag."""
    rest = b""
    while read := content.read(_CHUNK):
        block = rest + read
        end = block.rfind(b"<")
        yield block[:end]
        rest = block[end:] if end >= 0 else b""
        if len(rest) > _LONGEST_TAG:
            if _TELLING.match(rest):
                raise UnreadableFile
            # A picture, or what stands between two tags.
            rest = b""
    yield rest
