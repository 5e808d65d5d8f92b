"""Large files as offices send them, part after part: what is held in memory does not grow with the file.

Each part tells where the next one begins, so that a reader who was killed goes on from there.
"""

from __future__ import annotations

import codecs
import csv
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import StringIO
from itertools import islice
from pathlib import Path
from typing import BinaryIO
from zipfile import BadZipFile, ZipFile

import numpy as np
import orjson
import polars as pl

from shared.sheets.reading import (
    TOP,
    UNREADABLE,
    Form,
    HeaderMissing,
    UnreadableFile,
    encoding_of,
    plain_header,
    read_table,
)

#: Bytes of text that are read at a time, and up to which a row is looked for that does not end.
PART_BYTES, _LONGEST_PART = 8 * 1024**2, 64 * 1024**2
#: A small CSV is read in a few parts, too, so that one can be worked on while another is read; but in none so small.
_PARTS, _SMALLEST_PART = 4, 512 * 1024
#: Rows of a sheet that are given at a time.
PART_ROWS = 250_000
#: In which the header is looked for.
_PROBED = 1024**2
#: Uncompressed, so that a small file does not become a large one: a million rows of twenty columns fit.
_LARGEST_WORKBOOK = 2 * 1024**3
#: A row of our own behind the last one: it is read as one unless a quote before it is open still.
_END = "-- end --"
#: Of a CSV, a column of parts: whether a row has more cells than the header. A comma in 1,200.50 makes two cells of it.
OVERLONG = "more than the header"
_QUOTE, _AROUND = ord('"'), np.frombuffer(b',\r\n"', np.uint8)
_KEY = re.compile(rb'"((?:[^"\\]|\\.)*)"\s*:')


@dataclass(frozen=True)
class Place:
    """Where a part begins: a byte of the file (a row of a sheet, a page), after how many lines."""

    at: int = 0
    line: int = 0


@dataclass(frozen=True)
class FilePart:
    """Rows as text, one column a known field, with ``line`` as people count lines."""

    table: pl.DataFrame
    #: Where the next part begins, out of how much.
    ends: Place
    total: int


def read_parts(path: Path, kind: str, form: Form, begin: Place) -> Iterator[FilePart]:
    """Yield a file from a place on.

    ``pages`` are a folder of NDJSON files, in the order of their names. Refuses with ``UnreadableFile`` or
    ``HeaderMissing``.
    """
    try:
        yield from _READ[kind](path, form, begin)
    except (*UNREADABLE, BadZipFile, ValueError) as error:
        raise UnreadableFile from error


def _csv_parts(path: Path, form: Form, begin: Place) -> Iterator[FilePart]:
    total = path.stat().st_size
    with path.open("rb") as file:
        text = _Text()
        header = _Header.of(text.beginning(file.read(_PROBED)), form)
        file.seek(begin.at)
        place = begin
        for block in _blocks(file, total):
            raw = _table(text.of(block), header.width + 1)
            numbered = raw.with_row_index("line", offset=place.line + 1)
            place = Place(place.at + len(block), place.line + raw.height)
            table = header.fields_of(numbered.filter(pl.col("line") > header.line))
            yield FilePart(_filled(table), place, total)


def _blocks(file: BinaryIO, total: int) -> Iterator[bytes]:
    """Yield whole rows of a CSV file, as many as fit a part."""
    rest, at_once = b"", min(PART_BYTES, max(total // _PARTS + 1, _SMALLEST_PART))
    while read := file.read(at_once):
        block = rest + read
        end = _end_of_rows(block) or _end_of_rows_for_certain(block)
        if not end and len(block) > _LONGEST_PART:
            raise UnreadableFile
        rest = block[end:]
        if end:
            yield block[:end]
    if rest:
        yield rest


def _end_of_rows(block: bytes) -> int:
    """Return where the last row ends that is whole: at an end of line that stands in no quotes."""
    end = block.rfind(b"\n")
    quotes_before = block.count(b'"', 0, max(end, 0))
    while end >= 0 and quotes_before % 2:
        earlier = block.rfind(b"\n", 0, end)
        quotes_before -= block.count(b'"', max(earlier, 0), end)
        end = earlier
    return end + 1


def _end_of_rows_for_certain(block: bytes) -> int:
    """Return the same where quotes stand alone, which the quick way cannot tell from those around a cell."""
    read = end = whole = 0

    def lines() -> Iterator[str]:
        nonlocal read
        # Any encoding will do: in those that are read here, commas, quotes and ends of lines are part of no other sign.
        for line in StringIO(block.decode("latin-1"), newline=""):
            read += len(line)
            yield line

    for _ in csv.reader(lines()):
        whole, end = end, read
    return whole


class _Text:
    """Turns blocks into UTF-8: from GB18030, where the first signs beyond ASCII are no UTF-8."""

    def __init__(self) -> None:
        self._encoding = ""

    def beginning(self, head: bytes) -> str:
        """Return the beginning of a file, which may end within a sign."""
        self._look(head)
        return head.removeprefix(codecs.BOM_UTF8).decode(self._encoding or "ascii", errors="ignore")

    def of(self, block: bytes) -> bytes:
        """Return whole rows."""
        self._look(block)
        if self._encoding == "gb18030":
            block = block.decode(self._encoding).encode()
        # No database keeps a NUL, and nobody has written one on purpose.
        return block.removeprefix(codecs.BOM_UTF8).replace(b"\0", b" ")

    def _look(self, block: bytes) -> None:
        if not self._encoding and not block.isascii():
            self._encoding = "utf-8" if encoding_of(block).startswith("utf-8") else "gb18030"


@dataclass(frozen=True)
class _Header:
    """Where the header stands, and in which columns the fields are."""

    line: int
    places: dict[str, int]
    #: Cells of the header, and of the widest row near it.
    own: int
    width: int

    @classmethod
    def of(cls, beginning: str, form: Form) -> _Header:
        rows = list(islice(csv.reader(StringIO(beginning, newline="")), TOP))
        found = form.find_header(rows)
        if found is None:
            raise HeaderMissing
        position, places = found
        # A title row is shorter than the table below it.
        return cls(position + 1, places, len(rows[position]), max(len(row) for row in rows))

    def fields_of(self, numbered: pl.DataFrame) -> pl.DataFrame:
        beyond = pl.col([f"column_{place}" for place in range(self.own, self.width + 1)])
        table = _fields(numbered, {field: f"column_{place}" for field, place in self.places.items()})
        return table.with_columns(
            numbered.select(
                pl.any_horizontal(beyond.str.strip_chars() != "").fill_null(value=False).alias(OVERLONG)
            )
        )


def _table(text: bytes, width: int) -> pl.DataFrame:
    names = [f"column_{place}" for place in range(width)]
    schema = dict.fromkeys(names, pl.String)
    if not _quotes_stand_alone(text):
        return pl.read_csv(
            text, has_header=False, schema=schema, missing_columns="insert", truncate_ragged_lines=True
        )
    # Such as in 5"管: read as spreadsheets read it, which takes longer.
    written = text.decode()
    written += _END if written.endswith(("\n", "\r")) else f"\n{_END}"
    rows = list(csv.reader(StringIO(written, newline="")))
    if rows.pop() != [_END]:
        # It would swallow all rows below it, and nobody would miss them.
        raise UnreadableFile("a quote is never closed", zh_detail="有引号未成对，其后各行无法区分")
    columns = {
        name: [row[place] if place < len(row) else None for row in rows] for place, name in enumerate(names)
    }
    return pl.DataFrame(columns, schema=schema)


def _quotes_stand_alone(text: bytes) -> bool:
    """Tell whether there is a quote that neither opens nor closes a cell."""
    signs = np.frombuffer(text, np.uint8)
    quotes = np.flatnonzero(signs == _QUOTE)
    if not len(quotes):
        return False
    opens = np.isin(signs[quotes - 1], _AROUND) | (quotes == 0)
    closes = np.isin(signs[np.minimum(quotes + 1, len(signs) - 1)], _AROUND) | (quotes == len(signs) - 1)
    return bool(len(quotes) % 2) or not (opens[::2].all() and closes[1::2].all())


def _ndjson_parts(path: Path, form: Form, begin: Place) -> Iterator[FilePart]:
    total = path.stat().st_size
    place = begin
    with path.open("rb") as file:
        file.seek(begin.at)
        for block in _lines(file):
            table = _objects(block, form, place.line, expect=place.at == 0)
            place = Place(place.at + len(block), place.line + table.height)
            yield FilePart(_filled(table), place, total)


def _lines(file: BinaryIO) -> Iterator[bytes]:
    while block := file.read(PART_BYTES):
        yield block + file.readline()


def _page_parts(path: Path, form: Form, begin: Place) -> Iterator[FilePart]:
    pages = sorted(path.glob("*.ndjson"))
    place = begin
    for number, page in enumerate(pages[begin.at :], start=begin.at + 1):
        table = _objects(page.read_bytes(), form, place.line, expect=number == 1)
        place = Place(number, place.line + table.height)
        yield FilePart(_filled(table), place, len(pages))


def _objects(block: bytes, form: Form, lines: int, *, expect: bool) -> pl.DataFrame:
    """Return objects as rows; the first ones name all that is required."""
    block = block.removeprefix(codecs.BOM_UTF8)
    # All values as text: the numbers of people are no numbers, and one column may hold several types.
    keys = [str(orjson.loads(b'"%b"' % key)) for key in dict.fromkeys(_KEY.findall(block))]
    places: dict[str, str] = {}
    for key in keys:
        if field := form.fields.get(plain_header(key)):
            places.setdefault(field, key)
    if expect and not form.required <= places.keys():
        pl.read_ndjson(block)
        raise HeaderMissing
    if not keys:
        return pl.DataFrame(schema={"line": pl.Int32})
    table = pl.read_ndjson(block, schema=dict.fromkeys(keys, pl.String))
    if b"\\u" in block:
        # Signs that no database keeps: NULs, and halves of signs, which are read as NULs.
        table = table.with_columns(pl.all().str.replace_all("\0", " ", literal=True))
    return _fields(table.with_row_index("line", offset=lines + 1), places)


def _sheet_parts(path: Path, form: Form, begin: Place) -> Iterator[FilePart]:
    with ZipFile(path) as book:
        if sum(member.file_size for member in book.infolist()) > _LARGEST_WORKBOOK:
            raise UnreadableFile
    # A sheet has a million rows at most, and its format cannot be entered in the middle.
    table = read_table(path, "xlsx", form)
    for start in range(begin.at, table.height, PART_ROWS):
        part = table.slice(start, PART_ROWS)
        yield FilePart(part, Place(start + part.height, 0), table.height)


def _fields(numbered: pl.DataFrame, places: dict[str, str]) -> pl.DataFrame:
    """Return the line and the fields."""
    cells = (pl.col(name).fill_null("").str.strip_chars().alias(field) for field, name in places.items())
    return numbered.select(pl.col("line").cast(pl.Int32), *cells)


def _filled(table: pl.DataFrame) -> pl.DataFrame:
    """Leave out rows in which nothing stands."""
    fields = [name for name in table.columns if name not in {"line", OVERLONG}]
    return table.filter(pl.any_horizontal(pl.col(fields) != "")) if fields else table.clear()


_READ: dict[str, Callable[[Path, Form, Place], Iterator[FilePart]]] = {
    "csv": _csv_parts,
    "ndjson": _ndjson_parts,
    "pages": _page_parts,
    "xlsx": _sheet_parts,
}
