"""Large files as offices send them, part after part: what is held in memory does not grow with the file.

Each part tells where the next one begins, so that a reader who was killed goes on from there.
"""

from __future__ import annotations

import codecs
import csv
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import fastexcel
import numpy as np
import orjson
import polars as pl

from shared.sheets.form import Form, Header, UnreadableFile, fields_by_any_name, filled, plain_header
from shared.sheets.text import Written, no_signs, occurrences, recognise
from shared.sheets.workbooks import read_workbook

#: Bytes of text that are read at a time, and up to which a row is looked for that does not end.
PART_BYTES, _LONGEST_PART = 8 * 1024**2, 64 * 1024**2
#: Of a large file the first part is small, so that there is soon something to work on while the next one is read.
_FIRST_PART = 2 * 1024**2
#: Of a part: rows that are far shorter than the header take as much memory as long ones.
_MOST_CELLS = 16_000_000
#: Rows of a sheet that are given at a time.
PART_ROWS = 250_000
#: Of a CSV, a column of parts: whether a row has more cells than the header. A comma in 1,200.50 makes two cells of it.
OVERLONG = "more than the header"
#: Why such a row is refused: which of its cells is which nobody knows.
TOO_MANY_CELLS = "too_many_cells"
#: What readers of tables raise.
_UNREADABLE = (fastexcel.FastExcelError, pl.exceptions.PolarsError, csv.Error)
KEY = re.compile(rb'"((?:[^"\\]|\\.)*)"\s*:')


def overlong(table: pl.DataFrame) -> pl.DataFrame:
    """Return the rows that have more cells than the header; of what has no separators, none."""
    return table.filter(OVERLONG) if OVERLONG in table.columns else table.clear()


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
    #: What each header, or key of its objects, was taken for: a field, or None where it is unknown.
    headers: Mapping[str, str | None]


def read_parts(path: Path, kind: str, form: Form, begin: Place) -> Iterator[FilePart]:
    """Yield a file from a place on.

    ``pages`` are a folder of NDJSON files, in the order of their names. Refuses with ``UnreadableFile`` or
    ``HeaderMissing``.
    """
    with refusing(path, kind):
        yield from _READ[kind](path, form, begin)


@contextmanager
def refusing(path: Path, kind: str) -> Iterator[None]:
    """Refuse with ``UnreadableFile`` what turns out to be no table."""
    try:
        yield
    except (*_UNREADABLE, ValueError) as error:
        told = _no_signs(path) if kind == "ndjson" else None
        raise told or UnreadableFile from error
    except BaseException as error:
        # A reader that met what its author held for impossible: what Rust raises then is no ``Exception``.
        if type(error).__name__ != "PanicException":
            raise
        raise UnreadableFile from error


def _no_signs(path: Path) -> UnreadableFile | None:
    """Return which line of a file of objects is not UTF-8, if one is not."""
    with path.open("rb") as lines:
        for number, line in enumerate(iter(lambda: lines.readline(_LONGEST_PART), b""), start=1):
            if len(line) == _LONGEST_PART:
                return None
            try:
                line.decode()
            except UnicodeDecodeError:
                return no_signs(number)
    return None


def read_text(path: Path, form: Form, begin: Place) -> tuple[Header, Iterator[FilePart]]:
    """Return a text file's header, and its rows below it from a place on."""
    written = recognise(path, form)
    return written.header, _text_parts(path, written, begin)


def _text_parts(path: Path, written: Written, begin: Place) -> Iterator[FilePart]:
    total = path.stat().st_size
    place = begin
    with path.open("rb") as file:
        file.seek(begin.at)
        for block in _blocks(file, total, written):
            rows = written.rows_of(block, place.line)
            place = Place(place.at + len(block), place.line + rows.height)
            below = rows.filter(pl.col("line") > written.header.position + 1)
            table = written.header.fields_of(below).with_columns(_is_overlong(below, written.header))
            yield FilePart(filled(table), place, total, written.header.taken_for)


def _blocks(file: BinaryIO, total: int, written: Written) -> Iterator[bytes]:
    """Yield whole rows of a text file, as many as fit a part."""
    rest, at_once = b"", PART_BYTES if total <= PART_BYTES else min(PART_BYTES, _FIRST_PART)
    while read := file.read(at_once):
        at_once = min(PART_BYTES, 2 * at_once)
        block = rest + read
        end = written.whole_rows(block)
        too_long = not end and len(block) > _LONGEST_PART
        if too_long or occurrences(block, b"\n") * written.width > _MOST_CELLS:
            raise UnreadableFile
        rest = block[end:]
        if end:
            yield block[:end]
    if rest:
        yield rest


def _is_overlong(rows: pl.DataFrame, header: Header) -> pl.Series:
    beyond = pl.col(rows.columns[1 + len(header.cells) :])
    is_there = pl.any_horizontal(beyond.str.strip_chars() != "").fill_null(value=False)
    return rows.select(is_there.alias(OVERLONG)).to_series()


def _ndjson_parts(path: Path, form: Form, begin: Place) -> Iterator[FilePart]:
    total = path.stat().st_size
    place = begin
    with path.open("rb") as file:
        file.seek(begin.at)
        for block in lines_of(file):
            table, lines, headers = _objects(block, form, place.line, expect=place.at == 0)
            place = Place(place.at + len(block), place.line + lines)
            yield FilePart(table, place, total, headers)


def lines_of(file: BinaryIO) -> Iterator[bytes]:
    """Yield whole lines, as many as fit a part."""
    while block := file.read(PART_BYTES):
        rest = file.readline(_LONGEST_PART)
        if len(rest) == _LONGEST_PART:
            raise UnreadableFile
        yield block + rest


def lines_with_objects(block: bytes, above: int) -> pl.Series:
    """Return the number of each line on which something stands: empty ones are passed over by polars."""
    signs = np.frombuffer(block, np.uint8)
    begins = np.concatenate([[0], np.flatnonzero(signs == ord("\n")) + 1])
    stands = np.logical_or.reduceat(signs > ord(" "), begins[begins < len(signs)])
    return pl.Series("line", np.flatnonzero(stands) + above + 1, dtype=pl.Int32)


def _page_parts(path: Path, form: Form, begin: Place) -> Iterator[FilePart]:
    pages = sorted(path.glob("*.ndjson"))
    place = begin
    while place.at < len(pages):
        block, end = _together(pages, place.at)
        table, lines, headers = _objects(block, form, place.line, expect=place.at == 0)
        place = Place(end, place.line + lines)
        yield FilePart(table, place, len(pages), headers)


def _together(pages: Sequence[Path], begin: int) -> tuple[bytes, int]:
    """Return the next pages, as many as fill a part, and which comes after them: a page may hold no more than a row."""
    block, end = bytearray(), begin
    while end < len(pages) and len(block) < PART_BYTES:
        block += pages[end].read_bytes()
        end += 1
    return bytes(block), end


def _objects(
    block: bytes, form: Form, above: int, *, expect: bool
) -> tuple[pl.DataFrame, int, dict[str, str | None]]:
    """Return objects as rows, ``above`` of whose lines came earlier, how many lines there are, and their keys.

    The first ones name what is required.
    """
    block = block.removeprefix(codecs.BOM_UTF8)
    # All values as text: the numbers of people are no numbers, and one column may hold several types.
    keys = [str(orjson.loads(b'"%b"' % key)) for key in dict.fromkeys(KEY.findall(block))]
    # Each object has a place for every key of any.
    lines = occurrences(block, b"\n") + (not block.endswith(b"\n"))
    if len(keys) * lines > _MOST_CELLS:
        raise UnreadableFile
    headers = {key: form.fields.get(plain_header(key)) for key in keys}
    if expect and not form.required <= set(headers.values()):
        pl.read_ndjson(block)
        raise form.missing()
    if not keys:
        return pl.DataFrame(schema={"line": pl.Int32}), lines, headers
    table = pl.read_ndjson(block, schema=dict.fromkeys(keys, pl.String))
    if b"\\u" in block:
        # Signs that no database keeps: NULs, and halves of signs, which are read as NULs.
        table = table.with_columns(pl.all().str.replace_all("\0", " ", literal=True))
    # A line's own number, such as a list of refused ones tells, is not ours.
    numbered = table.drop("line", strict=False).insert_column(0, lines_with_objects(block, above))
    # One that says something by names that nobody knows was sent, too: it is refused, rather than passed over.
    said = numbered.filter(pl.any_horizontal(pl.exclude("line").str.strip_chars() != ""))
    return fields_by_any_name(said, form), lines, headers


def _sheet_parts(path: Path, form: Form, begin: Place) -> Iterator[FilePart]:
    # A sheet has a million rows at most, and its format cannot be entered in the middle.
    table, header = read_workbook(path, form)
    for start in range(begin.at, table.height, PART_ROWS):
        part = table.slice(start, PART_ROWS)
        end = Place(start + part.height, part["line"].item(-1))
        yield FilePart(part, end, table.height, header.taken_for)


_READ: dict[str, Callable[[Path, Form, Place], Iterator[FilePart]]] = {
    "csv": lambda path, form, begin: read_text(path, form, begin)[1],
    "ndjson": _ndjson_parts,
    "pages": _page_parts,
    "xlsx": _sheet_parts,
}
