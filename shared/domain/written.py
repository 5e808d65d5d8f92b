"""What people type into forms and tables, put right the same way everywhere: for one text, and for a column.

Both follow explicit tables rather than Unicode's, so that two engines with two versions of Unicode agree.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import polars as pl

_FULL_WIDTH = {chr(code + 0xFEE0): chr(code) for code in range(ord("!"), ord("~") + 1)}
_TO_HALF_WIDTH = str.maketrans(_FULL_WIDTH)
#: White space and signs without width that spreadsheets and chat programs leave behind, the byte order mark among them.
_BLANKS = r"[\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200f\u2028-\u202f\u205f-\u2064\u3000\ufeff]+"
_BLANK = re.compile(_BLANKS)
#: What people and programs write where there is nothing to write, as ``plain`` leaves it.
NOTHING = frozenset({"", "-", "--", "—", "——", "/", "无", "null", "NULL"})


def plain(written: str) -> str:
    """Return the text without blanks, full-width letters, digits and signs made narrow."""
    return _BLANK.sub("", written).translate(_TO_HALF_WIDTH)


def plain_column(written: pl.Expr) -> pl.Expr:
    """Return what ``plain`` returns, for a column; null stays null."""
    narrow = written.str.replace_many(list(_FULL_WIDTH), list(_FULL_WIDTH.values()))
    return narrow.str.replace_all(_BLANKS, "")


Change = Callable[[pl.Expr], pl.Expr]


def mended(written: pl.Expr, *, fine: Change, mend: Change) -> pl.Expr:
    """Return a column with the cells mended that are not fine; null stays null.

    Most cells are, and it is the mending that takes time.
    """
    return written.map_batches(lambda cells: _mended(cells, fine, mend), return_dtype=pl.String)


def _mended(cells: pl.Series, fine: Change, mend: Change) -> pl.Series:
    cell = pl.col("cell")
    frame = cells.alias("cell").to_frame()
    holds = frame.select(fine(cell).fill_null(value=True)).to_series()
    if holds.all():
        return cells
    put_right = frame.filter(~holds).select(mend(cell)).to_series()
    place = ((~holds).cum_sum().cast(pl.Int64) - 1).clip(0)
    return cells.zip_with(holds, put_right.gather(place))


def read_once(written: pl.Expr, read: Change, kind: pl.DataType | type[pl.DataType]) -> pl.Expr:
    """Return what a column of text is read as, each different text once: for codes and days, which repeat.

    Null stays null.
    """
    return written.map_batches(lambda cells: _read_once(cells, read), return_dtype=kind)


def _read_once(cells: pl.Series, read: Change) -> pl.Series:
    different = cells.drop_nulls().unique()
    values = different.alias("cell").to_frame().select(read(pl.col("cell"))).to_series()
    return values.gather(cells.cast(pl.Enum(different)).to_physical())
