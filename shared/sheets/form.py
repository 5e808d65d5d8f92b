"""What a table that an office sends may hold, where its header stands, and how one is refused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest

import polars as pl

from shared.domain.written import plain
from shared.refusal import Refusal

#: Rows in which the header must stand.
TOP = 20
Row = Sequence[str | None]
#: A figure whose unit the header tells.
_BARE = r"^-?[0-9０-９][0-9０-９.,．，]*$"


class UnreadableFile(Refusal):
    """The file cannot be read as a table."""

    status = 422
    code = "unreadable_file"
    zh = "文件无法读取，请检查是否为有效的 XLSX、CSV 或 NDJSON"


class HeaderMissing(Refusal):
    """No row, and no two rows together, name the required columns."""

    status = 422
    code = "header_missing"
    zh = "未找到表头：前二十行中没有一行（或相邻两行）包含全部必填列"


class SeveralSheets(Refusal):
    """Several sheets hold rows: send each as a file, or all in one sheet."""

    status = 422
    code = "several_sheets"
    zh = "多个工作表都有数据，请合并到一个工作表，或分别报送"


@dataclass(frozen=True)
class Header:
    """Where a header stands: the row, the lower one where it has two, and its cells with the fields that they name."""

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
        """Return the first row that names all required columns, with the row below where that has names, too."""
        for position, (row, below) in enumerate(zip_longest(rows, rows[1:], fillvalue=())):
            names = self._places(row)
            if names and self._places(below):
                # Names under the title of their group; a cell over both rows stands in the upper one.
                both = [_written(lower) or _written(upper) for upper, lower in zip_longest(row, below)]
                # All that the upper row names alone: a row of the table may hold a header's word, too.
                if self.required | names.keys() <= (places := self._places(both)).keys():
                    return self._header(position + 1, both, places)
            if self.required <= names.keys():
                return self._header(position, [_written(cell) for cell in row], names)
        return None

    def units_of(self, written: Mapping[str, str]) -> dict[str, str]:
        """Return the units that the headers of fields tell, where they are not the usual ones."""
        told = {name: self.units.get(plain_header(header)) for name, header in written.items()}
        return {name: unit for name, unit in told.items() if unit}

    def _header(self, position: int, cells: Sequence[str], places: Mapping[str, int]) -> Header:
        written = {name: cells[place] for name, place in places.items()}
        return Header(position, cells, places, self.units_of(written))

    def _places(self, row: Row) -> dict[str, int]:
        """Return which fields a row names, each by the first cell that does."""
        places: dict[str, int] = {}
        for place, cell in enumerate(row):
            name = self.fields.get(plain_header(cell or ""))
            if name is not None:
                places.setdefault(name, place)
        return places


def plain_header(written: str) -> str:
    """Return a header without the signs and spaces in which offices differ."""
    return "".join(sign for sign in plain(written) if sign.isalnum())


def fields_of(numbered: pl.DataFrame, columns: Mapping[str, str], units: Mapping[str, str]) -> pl.DataFrame:
    """Return ``line`` and, by their names, the columns that hold the fields; figures with their header's unit."""
    cells = {name: pl.col(column).fill_null("").str.strip_chars() for name, column in columns.items()}
    for name, unit in units.items():
        cells[name] = pl.when(cells[name].str.contains(_BARE)).then(cells[name] + unit).otherwise(cells[name])
    return numbered.select(pl.col("line").cast(pl.Int32), **cells)


def filled(table: pl.DataFrame) -> pl.DataFrame:
    """Leave out rows in which nothing stands."""
    fields = table.select(pl.col(pl.String)).columns
    return table.filter(pl.any_horizontal(pl.col(fields) != "")) if fields else table.clear()


def _written(cell: str | None) -> str:
    return (cell or "").strip()
