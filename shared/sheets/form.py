"""What a table that an office sends may hold, where its header stands, and how one is refused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest

import polars as pl

from shared.domain.written import mended, plain
from shared.refusal import Refusal

#: Rows in which the header must stand, and of how many it is at most.
TOP, _DEEPEST = 20, 3
Row = Sequence[str | None]
#: A figure whose unit the header tells.
_BARE = r"^-?[0-9０-９][0-9０-９.,．，]*$"

#: What keeps a spreadsheet from taking a text for a figure or a formula: '0340…, ="0340…".
_TEXT_MARKS = ("'", '="')
_MARKED = r"""^(?:'([^']*)|="([^"]*)")$"""


class UnreadableFile(Refusal):
    """The file cannot be read as a table."""

    status = 422
    code = "unreadable_file"
    zh = "文件无法读取，请检查是否为有效的 XLSX、CSV 或 NDJSON"


class HeaderMissing(Refusal):
    """No row, and no two or three rows together, name the required columns."""

    status = 422
    code = "header_missing"
    zh = "未找到表头：前二十行中没有一行（或相邻两三行）包含全部必填列"


class SeveralSheets(Refusal):
    """Several sheets hold rows: send each as a file, or all in one sheet."""

    status = 422
    code = "several_sheets"
    zh = "多个工作表都有数据，请合并到一个工作表，或分别报送"


@dataclass(frozen=True)
class Header:
    """Where a header stands: the row, the lowest one where it has several, its cells and the fields that they name."""

    #: Counted from 0.
    position: int
    cells: Sequence[str]
    places: Mapping[str, int]
    #: Of fields, the unit that the header tells and that is not the usual one.
    units: Mapping[str, str]

    @property
    def taken_for(self) -> dict[str, str | None]:
        """What each cell was taken for: a field, or None where it is unknown."""
        fields = {place: name for name, place in self.places.items()}
        return {cell: fields.get(place) for place, cell in enumerate(self.cells) if cell}

    def fields_of(self, numbered: pl.DataFrame) -> pl.DataFrame:
        """Return the fields of rows that have all columns of the file, ``line`` before them."""
        _, *names = numbered.columns
        return fields_of(numbered, {name: names[place] for name, place in self.places.items()}, self.units)


@dataclass(frozen=True)
class Form:
    """What a file may hold: every way to write a header (as ``plain_header`` leaves it), and what must be there."""

    fields: Mapping[str, str]
    required: frozenset[str]
    #: Of headers that tell another unit than the usual one, that unit.
    units: Mapping[str, str] = field(default_factory=dict)

    def find_header(self, rows: Sequence[Row]) -> Header | None:
        """Return the first row that names all required columns, with those below it that have names, too."""
        for position in range(len(rows)):
            for depth in range(min(_DEEPEST, len(rows) - position), 0, -1):
                if header := self._header_of(rows[position : position + depth], position + depth - 1):
                    return header
        return None

    def missing(self) -> HeaderMissing:
        """Return how a file without a header is refused: by what its header has to name."""
        headers: dict[str, str] = {}
        for header, name in self.fields.items():
            if name in self.required:
                headers.setdefault(name, header)
        return HeaderMissing(
            f"required: {', '.join(headers)}", zh_detail=f"必填列：{'、'.join(headers.values())}"
        )

    def units_of(self, written: Mapping[str, str]) -> dict[str, str]:
        """Return the units that the headers of fields tell, where they are not the usual ones."""
        told = {name: self.units.get(plain_header(header)) for name, header in written.items()}
        return {name: unit for name, unit in told.items() if unit}

    def _header_of(self, rows: Sequence[Row], position: int) -> Header | None:
        """Return the header that rows make together; of several, the first and the last have names."""
        named = [self._places(row) for row in rows]
        if len(rows) > 1 and not (named[0] and named[-1] and all(any(map(_written, row)) for row in rows)):
            return None
        # Names under the titles of their groups; a cell over several rows stands in the uppermost.
        cells = [next(filter(None, map(_written, column[::-1])), "") for column in zip_longest(*rows)]
        places = self._places(cells)
        # All that the upper rows name: a row of the table may hold a header's word, too.
        if not self.required.union(*named) <= places.keys():
            return None
        written = {name: cells[place] for name, place in places.items()}
        return Header(position, cells, places, self.units_of(written))

    def _places(self, row: Row) -> dict[str, int]:
        """Return which fields a row names, each by the cell whose word the form has first; of alike ones the first."""
        headers = [plain_header(cell or "") for cell in row]
        places: dict[str, int] = {}
        for header in (each for each in self.fields if each in headers):
            places.setdefault(self.fields[header], headers.index(header))
        return places


def plain_header(written: str) -> str:
    """Return a header without the signs and spaces in which offices differ."""
    return "".join(sign for sign in plain(written) if sign.isalnum())


def fields_of(numbered: pl.DataFrame, columns: Mapping[str, str], units: Mapping[str, str]) -> pl.DataFrame:
    """Return ``line`` and, by their names, the columns that hold the fields; figures with their header's unit."""
    cells = {name: _cell(column, units.get(name)) for name, column in columns.items()}
    return numbered.select(pl.col("line").cast(pl.Int32), **cells)


def fields_by_any_name(numbered: pl.DataFrame, form: Form) -> pl.DataFrame:
    """Return the fields of objects, of which one may call a field otherwise than another does.

    Of one that has several words for a field, what stands beside the one that the form has first.
    """
    written = [(plain_header(column), column) for column in numbered.columns[1:]]
    ranks = {header: rank for rank, header in enumerate(form.fields)}
    told: dict[str, list[pl.Expr]] = {}
    for header, column in sorted(
        (each for each in written if each[0] in ranks), key=lambda each: ranks[each[0]]
    ):
        told.setdefault(form.fields[header], []).append(_cell(column, form.units.get(header)))
    cells = {
        name: pl.coalesce(*(pl.when(cell != "").then(cell) for cell in others), last)
        for name, (*others, last) in told.items()
    }
    return numbered.select(pl.col("line").cast(pl.Int32), **cells)


def _cell(column: str, unit: str | None) -> pl.Expr:
    cell = mended(pl.col(column).fill_null("").str.strip_chars(), fine=_is_unmarked, mend=_without_mark)
    return pl.when(cell.str.contains(_BARE)).then(cell + pl.lit(unit)).otherwise(cell) if unit else cell


def _is_unmarked(cell: pl.Expr) -> pl.Expr:
    return ~pl.any_horizontal(cell.str.starts_with(mark) for mark in _TEXT_MARKS)


def _without_mark(cell: pl.Expr) -> pl.Expr:
    return cell.str.replace(_MARKED, "${1}${2}").str.strip_chars()


def filled(table: pl.DataFrame) -> pl.DataFrame:
    """Leave out rows in which nothing stands."""
    fields = table.select(pl.col(pl.String)).columns
    return table.filter(pl.any_horizontal(pl.col(fields) != "")) if fields else table.clear()


def _written(cell: str | None) -> str:
    return (cell or "").strip()
