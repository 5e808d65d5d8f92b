"""A department's file, checked by the column."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import polars as pl

from services.monitoring.datasets.catalog import Dataset, Key
from services.monitoring.datasets.columns import KEYS, VALUES, Column, ColumnType
from services.monitoring.matching.values import (
    MONTH,
    SHOWN,
    TELLS_NOBODY,
    unread,
    value_of,
    why_unread,
    words,
    written,
)
from shared.crypto.masking import mask_identity_number
from shared.domain.identity_numbers import judged
from shared.domain.person_name import comparable_column
from shared.domain.written import NOTHING, plain_column, read_once
from shared.sheets.parts import TOO_MANY_CELLS, overlong

_REJECTS = {"line": pl.Int32, "code": pl.String, "header": pl.String, "value": pl.String}
_PLACED = {
    "birth_date": pl.Date,
    "amount": pl.Int64,
    "quantity": pl.Int64,
    "happened_on": pl.Date,
    "kind": pl.String,
    "note": pl.String,
}
#: The number, its kind and grade, and of one that was issued again two signs more.
_CARD = r"^([0-9]{17}[0-9Xx])[1-7][1-4](?:[0-9A-Za-z]{2})?$"
#: Whether a row has what it is matched by that has no number; a birth date that cannot be read is refused by itself.
_TELLING = {
    Key.BIRTH: ~plain_column(pl.col(written("birth_date"))).is_in(sorted(NOTHING)),
    Key.HEAD: pl.col("division") != "",
}
_GOOD = ("line", "number", "fifteen", "name", "division", *_PLACED, "more")


@dataclass(frozen=True)
class Parsed:
    """The rows that can be compared, and what was wrong with the others."""

    rows: int
    #: The columns of ``_GOOD``: names in comparable form, amounts and quantities in hundredths, ``more`` as JSON.
    good: pl.DataFrame
    #: line, code, header, value.
    rejects: pl.DataFrame


def parse(table: pl.DataFrame, dataset: Dataset, today: date) -> Parsed:
    """Check and convert all rows of a part of a file."""
    fields = [column.field for column in dataset.columns]
    cells = table.with_columns(pl.lit("").alias(field) for field in fields if field not in table.columns)
    cells = cells.select("line", *(pl.col(field).alias(written(field)) for field in fields))
    frame = _with_values(_with_keys(cells, dataset), dataset)
    rejects = pl.concat([pl.DataFrame(schema=_REJECTS), _overlong(table), *_rejects(frame, dataset, today)])
    bad = rejects["line"].unique()
    good = frame.select(_GOOD)
    good = good.filter(~pl.col("line").is_in(bad.implode())) if len(bad) else good
    return Parsed(table.height, good, rejects)


def _with_keys(cells: pl.DataFrame, dataset: Dataset) -> pl.DataFrame:
    """Add what a row is recognised by: number, fault, fifteen, name, division."""
    fields = {column.field: column for column in dataset.columns}
    nothing = pl.lit("")
    name = comparable_column(pl.col(written("name"))) if "name" in fields else nothing
    division = nothing
    if "division" in fields:
        division = read_once(pl.col(written("division")), _division, pl.String)
    keys = cells.with_columns(name=name, division=division, number=pl.lit(None, pl.String))
    column = fields.get("identity_number")
    if column is None:
        return keys.with_columns(fault=pl.lit(None, pl.String), fifteen=pl.lit(value=False))
    numbers = judged(cells.select(_number(column).alias("number"))["number"])
    return keys.with_columns(numbers["number"], numbers["fault"], numbers["fifteen"])


def _number(column: Column) -> pl.Expr:
    """Return a cell with an identity number; of a disability card (GB/T 26341) its beginning, where cards are told."""
    cell = pl.col(written(column.field))
    return plain_column(cell).str.replace(_CARD, "$1") if column.cards else cell


def _division(cell: pl.Expr) -> pl.Expr:
    # A sheet shows a code that it took for a figure with decimals.
    return plain_column(cell).str.replace(r"^([0-9]{12})\.0+$", "$1").replace(sorted(NOTHING), "")


def _with_values(keys: pl.DataFrame, dataset: Dataset) -> pl.DataFrame:
    """Add the values of all columns, and ``more``: those that have no place of their own, as JSON."""
    known = {column.field: column for column in dataset.columns}
    nothing = {name: pl.lit(None, kind) for name, kind in _PLACED.items() if name not in known}
    values = {column.field: value_of(column) for column in dataset.columns if column.field not in _BY_KEYS}
    frame = keys.with_columns(**nothing, **values)
    others = [column for column in dataset.columns if column.field not in KEYS.union(VALUES)]
    shown = [_as_json(column).alias(column.field) for column in others]
    more = pl.struct(shown).struct.json_encode() if shown else pl.lit(None, pl.String)
    return frame.with_columns(more=more)


#: Read by ``_with_keys``.
_BY_KEYS = KEYS - {"birth_date"}


def _as_json(column: Column) -> pl.Expr:
    """Return a value as JSON tells it: money and numbers as decimal strings."""
    value = pl.col(column.field)
    if column.type is ColumnType.INTEGER:
        return value // 100
    if column.type in {ColumnType.YUAN, ColumnType.NUMBER}:
        return (value.cast(pl.Decimal(38, 2)) / 100).cast(pl.Decimal(38, 2)).cast(pl.String)
    return value.cast(pl.String) if column.type is ColumnType.DATE else value


def _rejects(frame: pl.DataFrame, dataset: Dataset, today: date) -> list[pl.DataFrame]:
    rejects = []
    for column in dataset.columns:
        if column.field == "identity_number":
            rejects.append(_number_rejects(frame, column, dataset))
            continue
        cell = pl.col(written(column.field))
        if column.required:
            # What is left of a name or a place once all that says nothing is taken out.
            said = pl.col(column.field) if column.field in {"name", "division"} else cell
            rejects.append(_refused(frame, said == "", "missing", column, pl.lit("")))
        # To ask why nothing of no rows could be read takes as long as to find that all could.
        if column.type is not ColumnType.TEXT and len(rows := frame.filter(unread(column))):
            rejects.append(_unread(rows, column))
        if column.past:
            ahead = pl.col(column.field) > today
            rejects.append(_refused(frame, ahead, "date_ahead", column, words(cell)))
    return rejects


def _unread(rows: pl.DataFrame, column: Column) -> pl.DataFrame:
    """Refuse cells that have no value; a month of birth does no harm where a number tells who it is."""
    why = why_unread(column)
    bad = why.is_not_null()
    if column.field == "birth_date":
        bad &= (why != MONTH) | pl.col("number").is_null()
    return _refused(rows, bad, why, column, words(pl.col(written(column.field))))


def _overlong(table: pl.DataFrame) -> pl.DataFrame:
    reasons = {"code": TOO_MANY_CELLS, "header": "", "value": ""}
    return overlong(table).select("line", **{name: pl.lit(value) for name, value in reasons.items()})


def _number_rejects(frame: pl.DataFrame, column: Column, dataset: Dataset) -> pl.DataFrame:
    """Refuse numbers for the reason found; that there is none, only where nothing else tells whom a row is about."""
    bad, code = pl.col("fault").is_not_null(), pl.col("fault")
    if not column.required and dataset.matches_without_number:
        bad &= (code != "empty") | ~pl.any_horizontal(
            _TELLING[key] for key in dataset.match if key in _TELLING
        )
        code = code.replace("empty", TELLS_NOBODY)
    number = pl.col(written(column.field)).str.slice(0, SHOWN)
    masked = number.map_elements(mask_identity_number, return_dtype=pl.String)
    return _refused(frame, bad, code, column, masked)


def _refused(
    frame: pl.DataFrame, bad: pl.Expr, code: str | pl.Expr, column: Column, value: pl.Expr
) -> pl.DataFrame:
    code = pl.lit(code) if isinstance(code, str) else code
    reasons = {"code": code, "header": pl.lit(column.header), "value": value.fill_null("")}
    return frame.filter(bad).select("line", **reasons)
