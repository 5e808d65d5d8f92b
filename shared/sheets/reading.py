"""Reading files as offices send them: XLSX, CSV in UTF-8 or GB18030 (title rows above the header) and NDJSON."""

from __future__ import annotations

import codecs
import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import fastexcel
import polars as pl

from shared.domain.written import plain
from shared.refusal import Refusal

#: Rows in which the header must stand.
TOP = 20
_PROBED = 1024 * 1024
#: What readers of tables raise.
UNREADABLE = (fastexcel.FastExcelError, pl.exceptions.PolarsError, UnicodeDecodeError, csv.Error)


class UnreadableFile(Refusal):
    """The file cannot be read as a table."""

    status = 422
    code = "unreadable_file"
    zh = "文件无法读取，请检查是否为有效的 XLSX、CSV 或 NDJSON"


class HeaderMissing(Refusal):
    """No row names the required columns."""

    status = 422
    code = "header_missing"
    zh = "未找到表头：前二十行中没有一行包含全部必填列"


class SeveralSheets(Refusal):
    """Several sheets hold rows: send each as a file, or all in one sheet."""

    status = 422
    code = "several_sheets"
    zh = "多个工作表都有数据，请合并到一个工作表，或分别报送"


@dataclass(frozen=True)
class Form:
    """What a file may hold: every way to write a header (as ``plain_header`` leaves it), and what must be there."""

    fields: Mapping[str, str]
    required: frozenset[str]

    def find_header(self, rows: Sequence[Sequence[str | None]]) -> tuple[int, dict[str, int]] | None:
        """Return the first row that names all required columns, and where each field stands in it."""
        for position, row in enumerate(rows):
            places: dict[str, int] = {}
            for place, cell in enumerate(row):
                field = self.fields.get(plain_header(cell or ""))
                if field is not None:
                    places.setdefault(field, place)
            if self.required <= places.keys():
                return position, places
        return None


def plain_header(written: str) -> str:
    """Return a header without the signs and spaces in which offices differ."""
    return "".join(sign for sign in plain(written) if sign.isalnum())


def read_table(path: Path, kind: str, form: Form) -> pl.DataFrame:
    """Return the file's rows as text, one column a known field, with ``line`` as people count lines.

    Refuses with ``UnreadableFile`` or ``HeaderMissing``.
    """
    return read_headed(path, kind, form)[0]


def read_headed(path: Path, kind: str, form: Form) -> tuple[pl.DataFrame, dict[str, str | None]]:
    """Return what ``read_table`` returns, and what each header was taken for: a field, or None where it is unknown."""
    try:
        raw = _read_xlsx(path, form) if kind == "xlsx" else _READ[kind](path)
    except UNREADABLE as error:
        raise UnreadableFile from error
    found = form.find_header(raw.head(TOP).rows())
    if found is None:
        raise HeaderMissing
    position, places = found
    # The row of names that stands for an NDJSON file's keys is no line of it.
    first = 0 if kind == "ndjson" else 1
    numbered = raw.with_row_index("line", offset=first).slice(position + 1)
    names = raw.columns
    table = numbered.select(
        pl.col("line").cast(pl.Int32),
        *(
            pl.col(names[place]).fill_null("").str.strip_chars().alias(field)
            for field, place in places.items()
        ),
    )
    fields = {place: field for field, place in places.items()}
    headers = {
        (header or "").strip(): fields.get(place)
        for place, header in enumerate(raw.row(position))
        if (header or "").strip()
    }
    return table.filter(pl.any_horizontal(pl.col(list(places)) != "")), headers


def _read_xlsx(path: Path, form: Form) -> pl.DataFrame:
    """Return the sheet that has the header: others explain it, or are left over."""
    book = fastexcel.read_excel(path)
    place = 0
    if len(book.sheet_names) > 1:
        tops = (_sheet(book, each, rows=TOP).rows() for each in range(len(book.sheet_names)))
        headed = [each for each, rows in enumerate(tops) if form.find_header(rows)]
        if len(headed) > 1:
            names = "、".join(book.sheet_names[each] for each in headed)
            raise SeveralSheets(zh_detail=f"有数据的工作表：{names}")
        place = headed[0] if headed else 0
    return _sheet(book, place)


def _sheet(book: fastexcel.ExcelReader, place: int, rows: int | None = None) -> pl.DataFrame:
    sheet = book.load_sheet(place, header_row=None, dtypes="string", skip_rows=0, n_rows=rows)
    return sheet.to_polars()


def _read_csv(path: Path) -> pl.DataFrame:
    with path.open("rb") as binary:
        encoding = encoding_of(binary.read(_PROBED))
    source: Path | bytes = path if encoding == "utf-8" else path.read_bytes().decode(encoding).encode()
    # A title row is shorter than the table below it: the widest of the first rows says how many columns there are.
    with path.open(encoding=encoding, newline="") as file:
        width = max((len(row) for row in islice(csv.reader(file), TOP)), default=1)
    schema = {f"column_{place}": pl.String for place in range(width)}
    return pl.read_csv(
        source, has_header=False, schema=schema, missing_columns="insert", truncate_ragged_lines=True
    )


def _read_ndjson(path: Path) -> pl.DataFrame:
    """Return the keys as a first row, the values as text below it."""
    objects = pl.read_ndjson(path, infer_schema_length=None)
    if any(dtype.is_nested() for dtype in objects.dtypes):
        raise UnreadableFile
    names = pl.DataFrame({name: [name] for name in objects.columns})
    return names.vstack(objects.cast(pl.String))


_READ = {"csv": _read_csv, "ndjson": _read_ndjson}


def encoding_of(head: bytes) -> str:
    """Return ``utf-8`` (``utf-8-sig`` with a mark) or ``gb18030``, whichever the beginning of a file is."""
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return "gb18030"
    return "utf-8-sig" if head.startswith(codecs.BOM_UTF8) else "utf-8"
