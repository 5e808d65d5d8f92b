"""From cells to values, by the column: one expression a type, and what is wrong with a cell that has none."""

from __future__ import annotations

import polars as pl

from services.monitoring.datasets.columns import Column, ColumnType
from shared.domain.codes import code_lists
from shared.domain.days import day_column, month_column
from shared.domain.money import yuan_column
from shared.domain.written import NOTHING, plain_column, read_once
from shared.domain.yes_no import yes_no_column

#: Of what is written in words no more is kept.
SHOWN = 40
#: Why a cell has no value, by its column's type; a month and a rounded figure are told by a code of their own.
_FAULTS = {
    ColumnType.YUAN: "not_an_amount",
    ColumnType.NUMBER: "not_a_number",
    ColumnType.INTEGER: "not_a_number",
    ColumnType.DATE: "not_a_date",
    ColumnType.YES_NO: "not_yes_no",
    ColumnType.CODE: "unknown_code",
}
MONTH = "month_only"
#: Why a row has no number that it needs, since nothing else tells whom it is about.
TELLS_NOBODY = "tells_nobody"
_ROUNDED = "scientific_figure"
#: A workbook holds a cell that shows 35% as 0.35: bare and not above one, it may be hundredths or the whole.
_FRACTION, _HUNDREDTHS = "perhaps_a_fraction", "%"
#: A sheet shows no more than some digits of a figure so, and as text it keeps what it shows: 12,034 is 1.20E+04.
_SCIENTIFIC = r"^-?[0-9](?:\.[0-9]+)?[Ee][+-]?[0-9]+元?$"
_FIGURES = {
    ColumnType.NUMBER: r"^(-?[0-9]{1,10}(?:\.[0-9]{1,2})?)0*$",
    ColumnType.INTEGER: r"^(-?[0-9]{1,10})(?:\.0+)?$",
}
#: Numbers of people, phones and accounts: in one piece, or in groups as on a card. Two dates are sixteen digits.
NUMBERS = r"(?:[0-9０-９][\s\-]?){17,}[0-9０-９XxＸｘ]|[0-9０-９]{11,}[XxＸｘ]?"
#: What the database's columns can hold, and more than anybody ever spent: below a million millions.
_HELD = pl.Decimal(14, 2)


def written(field: str) -> str:
    """Return under which name a part's table holds the cells of a field, beside its values."""
    return f"written {field}"


def value_of(column: Column) -> pl.Expr:
    """Return a column's values, null where the cell has none: money and numbers in hundredths, codes numbered."""
    cell = pl.col(written(column.field))
    match column.type:
        case ColumnType.YUAN:
            return _hundredths(_amount(cell, column))
        case ColumnType.NUMBER | ColumnType.INTEGER:
            return read_once(cell, lambda each: _hundredths(_number(each, column)), pl.Int64)
        case ColumnType.DATE:
            return read_once(cell, day_column, pl.Date)
        case ColumnType.YES_NO:
            return read_once(cell, yes_no_column, pl.Boolean)
        case ColumnType.CODE:
            return read_once(cell, lambda each: _code(each, column), _codes(column))
        case _:
            return words(cell)


def unread(column: Column) -> pl.Expr:
    """Tell in which rows there is something in a cell of other than words, and no value."""
    return (pl.col(written(column.field)) != "") & pl.col(column.field).is_null()


def why_unread(column: Column) -> pl.Expr:
    """Return the codes for cells that are ``unread``; null where what is written means that there is nothing."""
    cell = plain_column(pl.col(written(column.field)))
    usual = pl.lit(_FAULTS[column.type])
    if column.type is ColumnType.DATE:
        usual = pl.when(month_column(cell)).then(pl.lit(MONTH)).otherwise(usual)
    if column.type in {ColumnType.YUAN, *_FIGURES}:
        usual = pl.when(cell.str.contains(_SCIENTIFIC)).then(pl.lit(_ROUNDED)).otherwise(usual)
    if column.unit == _HUNDREDTHS:
        usual = pl.when(cell.str.contains(_FIGURES[column.type])).then(pl.lit(_FRACTION)).otherwise(usual)
    nothing = pl.lit("missing" if column.required else None, pl.String)
    return pl.when(cell.is_in(sorted(NOTHING))).then(nothing).otherwise(usual)


def words(cell: pl.Expr) -> pl.Expr:
    """Return what is kept of words: no identity number or account, which a number of that length may be."""
    shown = cell.str.replace_all(NUMBERS, "…").str.slice(0, SHOWN)
    return pl.when(cell != "").then(shown)


def _codes(column: Column) -> pl.Enum:
    return pl.Enum([each.code for each in code_lists()[column.codes or ""].codes])


def _code(cell: pl.Expr, column: Column) -> pl.Expr:
    code = code_lists()[column.codes or ""].code_column(cell)
    if column.otherwise is not None:
        says_something = ~plain_column(cell).is_in(sorted(NOTHING))
        code = code.fill_null(pl.when(says_something).then(pl.lit(column.otherwise)))
    return code.cast(_codes(column))


def _number(cell: pl.Expr, column: Column) -> pl.Expr:
    bare = plain_column(cell).str.replace_all(",", "", literal=True)
    figure = bare.str.replace(f"(?:{'|'.join(column.units)})$", "")
    number = figure.str.extract(_FIGURES[column.type]).cast(pl.Decimal(38, 2), strict=False)
    if column.unit != _HUNDREDTHS:
        return number
    return pl.when((number.abs() > 1) | (number == 0) | bare.str.ends_with(column.unit)).then(number)


def _amount(cell: pl.Expr, column: Column) -> pl.Expr:
    if column.unit != "万元":
        return yuan_column(cell)
    says_so = cell.str.contains("[元圆万亿币¥￥]")
    # Read as what it is: of 1.2345 the cents are those of ten thousand times as much.
    return yuan_column(pl.when(says_so).then(cell).otherwise(plain_column(cell) + "万"))


def _hundredths(amount: pl.Expr) -> pl.Expr:
    # As it is held inside. The amount is named once: as often as it is named, it is read from its cells.
    return amount.cast(_HELD, strict=False).to_physical().cast(pl.Int64)
