"""Text files as offices save them: in UTF-8, GB18030 or UTF-16, cells apart by commas, tabs or semicolons."""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from io import StringIO
from itertools import islice
from pathlib import Path

import numpy as np
import polars as pl

from shared.sheets.form import TOP, Form, Header, UnreadableFile

#: What may stand between cells; the one by which the header is found. Part of no other sign in any encoding here.
#: Full-width commas and semicolons are not among them: no program writes them there, and every note has some.
_SEPARATORS = (",", "\t", ";")
_MARKS = {
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
}
_UNITS = {"utf-16-le": np.dtype("<u2"), "utf-16-be": np.dtype(">u2")}
_CALLED = {"utf-8": "UTF-8", "gb18030": "GB18030", "utf-16-le": "UTF-16", "utf-16-be": "UTF-16"}
#: In which the header is looked for, and signs that tell the encoding.
_PROBED = 256 * 1024
#: Cells of the widest row that is taken for one of a table.
_WIDEST = 1_000
#: What stands for signs that cannot be read.
_BROKEN = "\ufffd"
#: A row of our own behind the last one: it is read as one unless a quote before it is open still.
_END = "-- end --"
_QUOTE, _BEYOND_ASCII, _ANY_SIGN = ord('"'), 128, ord("x")


@dataclass(frozen=True)
class Written:
    """How a text file is written."""

    encoding: str
    separator: str
    header: Header
    #: Cells of the widest row near the header: a title row is shorter than the table below it.
    width: int

    def whole_rows(self, block: bytes) -> int:
        """Return the length of the rows at the beginning of a block that are whole."""
        if unit := _UNITS.get(self.encoding):
            # Each unit as one byte: of signs beyond ASCII it does not matter here which they are.
            signs = np.frombuffer(block, unit, len(block) // unit.itemsize)
            signs = np.where(signs < _BEYOND_ASCII, signs, _ANY_SIGN).astype(np.uint8)
            return unit.itemsize * _end_of_rows(signs.tobytes(), self.separator)
        return _end_of_rows(block, self.separator)

    def rows_of(self, block: bytes, above: int) -> pl.DataFrame:
        """Return whole rows: one column a cell, all text, and ``line`` before them, ``above`` of which came earlier.

        One column more than ``width`` tells of cells beyond it.
        """
        try:
            table = _table(self._as_utf8(block), self.width + 1, self.separator)
        except (UnicodeDecodeError, pl.exceptions.ComputeError):
            _expect_signs(block, self.encoding, self.separator, above)
            raise
        return table.with_row_index("line", offset=above + 1)

    def _as_utf8(self, block: bytes) -> bytes:
        if self.encoding != "utf-8":
            block = block.decode(self.encoding).encode()
        # No database keeps a NUL, and nobody has written one on purpose.
        return block.removeprefix(codecs.BOM_UTF8).replace(b"\0", b" ")


def occurrences(block: bytes, sign: bytes, end: int | None = None) -> int:
    """Return how often a byte stands in a block, before an end: ``bytes.count`` takes four times as long."""
    return int(np.count_nonzero(np.frombuffer(block, np.uint8)[:end] == ord(sign)))


def recognise(path: Path, form: Form) -> Written:
    """Return how a file is written, or refuse with ``HeaderMissing`` or ``UnreadableFile``."""
    with path.open("rb") as file:
        beginning = telling = file.read(_PROBED)
        while telling.isascii() and (more := file.read(_PROBED)):
            telling = more
        # It may have begun with the last sign of what was read.
        telling += file.read(_PROBED)
    encoding = _encoding_of(telling)
    found = _headed(beginning, encoding, form)
    if found is None:
        # It may be the header's own signs that are broken.
        _expect_signs(beginning, encoding, whole=len(beginning) < _PROBED)
        raise form.missing()
    written = Written(encoding, *found)
    if written.width > _WIDEST:
        raise UnreadableFile
    return written


def no_signs(line: int, encoding: str = "utf-8") -> UnreadableFile:
    """Return how a line is refused that is not written in its file's encoding."""
    name = _CALLED[encoding]
    return UnreadableFile(
        f"line {line} is not {name}, as the file is",
        zh_detail=f"第 {line} 行有字符不是有效的 {name} 编码，请改正后重新报送",
    )


def _expect_signs(
    block: bytes, encoding: str, separator: str = ",", above: int = 0, *, whole: bool = True
) -> None:
    """Refuse rows of which a line is not in the encoding."""
    try:
        codecs.getincrementaldecoder(encoding)().decode(block, final=whole)
    except UnicodeDecodeError as error:
        before = StringIO(block[: error.start].decode(encoding) + "x", newline="")
        line = above + sum(1 for _ in csv.reader(before, delimiter=separator))
        raise no_signs(line, encoding) from error


def _encoding_of(telling: bytes) -> str:
    """Return the encoding of a file from a piece of it that has signs beyond ASCII, where there are any."""
    for mark, encoding in _MARKS.items():
        if telling.startswith(mark):
            return encoding
    read = telling.decode(errors="replace")
    broken = read.count(_BROKEN)
    beyond_ascii = len(read) - len(read.encode("ascii", errors="ignore")) - broken
    # One broken sign makes no GB18030 of UTF-8. Of GB18030 hardly one in three reads as UTF-8, too.
    return "utf-8" if beyond_ascii >= 2 * broken else "gb18030"


def _headed(beginning: bytes, encoding: str, form: Form) -> tuple[str, Header, int] | None:
    """Return separator, header and width."""
    text = beginning.decode(encoding, errors="replace").removeprefix("\ufeff")
    for separator in _SEPARATORS:
        rows: list[list[str]] = []
        # A cell may have no end; or none with this separator, which is not the file's.
        with suppress(csv.Error):
            rows.extend(islice(csv.reader(StringIO(text, newline=""), delimiter=separator), TOP))
        if header := form.find_header(rows):
            return separator, header, max(map(len, rows))
    return None


def _end_of_rows(block: bytes, separator: str) -> int:
    """Return where the last row ends that is whole: at an end of line that stands in no quotes."""
    end = block.rfind(b"\n")
    quotes_before = occurrences(block, b'"', max(end, 0))
    while end >= 0 and quotes_before % 2:
        earlier = block.rfind(b"\n", 0, end)
        quotes_before -= block.count(b'"', max(earlier, 0), end)
        end = earlier
    return end + 1 or _end_of_rows_for_certain(block, separator)


def _end_of_rows_for_certain(block: bytes, separator: str) -> int:
    """Return the same where quotes stand alone, which the quick way cannot tell from those around a cell."""
    read = end = whole = 0

    def lines() -> Iterator[str]:
        nonlocal read
        # Any encoding will do: separators, quotes and ends of lines are part of no other sign.
        for line in StringIO(block.decode("latin-1"), newline=""):
            read += len(line)
            yield line

    for _ in csv.reader(lines(), delimiter=separator):
        whole, end = end, read
    return whole


def _table(text: bytes, width: int, separator: str) -> pl.DataFrame:
    names = [f"column_{place}" for place in range(width)]
    schema = dict.fromkeys(names, pl.String)
    if not _quotes_stand_alone(text, separator):
        return pl.read_csv(
            text,
            has_header=False,
            separator=separator,
            schema=schema,
            missing_columns="insert",
            truncate_ragged_lines=True,
        )
    # Such as in 5"管: read as spreadsheets read it, which takes longer.
    written = text.decode()
    written += _END if written.endswith(("\n", "\r")) else f"\n{_END}"
    rows = list(csv.reader(StringIO(written, newline=""), delimiter=separator))
    if rows.pop() != [_END]:
        # It would swallow all rows below it, and nobody would miss them.
        raise UnreadableFile("a quote is never closed", zh_detail="有引号未成对，其后各行无法区分")
    columns = {
        name: [row[place] if place < len(row) else None for row in rows] for place, name in enumerate(names)
    }
    return pl.DataFrame(columns, schema=schema)


def _quotes_stand_alone(text: bytes, separator: str) -> bool:
    """Tell whether there is a quote that neither opens nor closes a cell."""
    signs = np.frombuffer(text, np.uint8)
    quotes = np.flatnonzero(signs == _QUOTE)
    if not len(quotes):
        return False
    around = np.frombuffer(f'{separator}\r\n"'.encode(), np.uint8)
    opens = np.isin(signs[quotes - 1], around) | (quotes == 0)
    closes = np.isin(signs[np.minimum(quotes + 1, len(signs) - 1)], around) | (quotes == len(signs) - 1)
    return bool(len(quotes) % 2) or not (opens[::2].all() and closes[1::2].all())
