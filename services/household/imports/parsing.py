"""From text to values, by the column: each rule is one expression over all lines."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

import polars as pl

from services.household.households.private import MASKS
from services.household.imports.columns import Column, form
from shared.crypto.masking import mask_identity_number
from shared.domain.codes import code_lists
from shared.domain.days import day_column
from shared.domain.identity_numbers import with_identity_numbers
from shared.domain.person_name import normalised_column
from shared.domain.written import plain_column
from shared.sheets.parts import TOO_MANY_CELLS, overlong

_YES = {
    "是": True,
    "有": True,
    "1": True,
    "y": True,
    "yes": True,
    "true": True,
    "√": True,
    "否": False,
    "无": False,
    "0": False,
}
_NO = {"n": False, "no": False, "false": False, "×": False}
#: Whose line it was: the rest of a household is told when its head is refused.
_WHOSE = {
    "household_number": pl.col("household_number"),
    "is_head": (code_lists()["relationship"].code_column(pl.col("relationship")) == "head").fill_null(
        value=False
    ),
}
#: Written one way, so that equal ones are found equal.
_KEYS = ("household_number", "division_code", *(column.field for column in form() if column.sealed))
_PHONE = [("bad_phone", r"^\+?[0-9-]{5,20}$")]
_SHAPES = {
    "division_code": [("bad_division", r"^[1-9][0-9]{11}$")],
    "phone": _PHONE,
    "mobile": _PHONE,
    "bank_account": [("bad_bank_account", r"^[0-9]{8,30}$")],
    "disability_card": [("bad_disability_card", r"^[1-9][0-9]{16}[0-9Xx][1-7][1-4](?:[0-9A-Za-z]{2})?$")],
}
#: What clears a field.
_DASHES = ["-", "－", "—", "——"]
#: Signs of a wrong value that are shown.
_SHOWN = 60


@dataclass
class Parsed:
    """A parsed file: the lines that hold so far, and what was wrong with the others."""

    rows: int
    good: pl.DataFrame
    #: line, code, header, value, household_number, is_head.
    rejects: list[pl.DataFrame] = field(default_factory=list)


def parse(table: pl.DataFrame, *, today: date) -> Parsed:
    """Check and convert every column; a line with any fault is refused with all its faults."""
    present = [column for column in form() if column.field in table.columns]
    missing = [column for column in form() if column.field not in table.columns]
    frame = _tidied(table).with_columns(pl.lit("").alias(column.field) for column in missing)
    frame = with_identity_numbers(_with_cleared(frame), "identity_number").with_columns(
        fault=pl.when(pl.col("birth_date") > today).then(pl.lit("impossible_date")).otherwise("fault")
    )
    rejects = [
        _rejects(frame, column, code, fault)
        for column in present
        for code, fault in _faults(column, today=today)
    ]
    rejects += [*_number_rejects(frame), _overlong(frame)]
    bad = pl.concat([each.select("line") for each in rejects]).unique()
    good = frame.join(bad, on="line", how="anti").with_columns(_values())
    # Who has no number is of the sex and the age that were stated.
    good = good.with_columns(
        sex=pl.coalesce("sex", "stated_sex"), birth_date=pl.coalesce("birth_date", "stated_birth_date")
    )
    return Parsed(rows=table.height, good=good, rejects=[each for each in rejects if each.height])


def _tidied(table: pl.DataFrame) -> pl.DataFrame:
    """Drop what no text in PostgreSQL may hold, and write keys one way."""
    keys = [plain_column(pl.col(name)) for name in _KEYS if name in table.columns]
    # A spreadsheet shows a code that it took for a number with decimals.
    return table.with_columns(pl.col(pl.String).str.replace_all("\0", "", literal=True)).with_columns(
        key.str.replace(r"^([0-9]{12})\.0+$", "$1") for key in keys
    )


def _with_cleared(frame: pl.DataFrame) -> pl.DataFrame:
    """Add ``cleared``: the fields of a line in which a dash stands, which is then taken out."""
    dashes = {column.field: pl.col(column.field).is_in(_DASHES) for column in form() if not column.required}
    said = [name for name, dash in dashes.items() if frame.select(dash.any()).item()]
    named: list[pl.Expr] = [pl.when(dashes[name]).then(pl.lit(name)) for name in said]
    return frame.with_columns(
        *(pl.when(~dashes[name]).then(name).otherwise(pl.lit("")).alias(name) for name in said),
        cleared=pl.concat_list(named or [pl.lit(None, pl.String)]).list.drop_nulls(),
    )


def _faults(column: Column, *, today: date) -> list[tuple[str, pl.Expr]]:
    cell = pl.col(column.field)
    filled = cell != ""
    faults: list[tuple[str, pl.Expr]] = []
    if column.required:
        instead = pl.col(column.unless) == "" if column.unless else pl.lit(value=True)
        faults.append(("missing", ~filled & instead))
    if column.words:
        faults.append(("too_long", cell.str.len_chars() > column.longest))
    if column.codes and not column.many:
        faults.append(("unknown_code", filled & code_lists()[column.codes].code_column(cell).is_null()))
    if column.codes and column.many:
        unknown = _codes(column, cell).list.eval(pl.element().is_null()).list.any()
        faults.append(("unknown_code", filled & unknown))
    if column.between:
        whole = _whole(cell)
        faults.append(("not_a_number", filled & whole.is_null()))
        faults.append(("out_of_range", ~whole.is_between(*column.between)))
    if column.amount:
        faults.append(("not_an_amount", filled & _amount(cell).is_null()))
    if column.day:
        faults.append(("not_a_date", filled & day_column(cell).is_null()))
        faults.append(("date_ahead", day_column(cell) > today))
    if column.yes_no:
        faults.append(("not_yes_no", filled & ~cell.str.to_lowercase().is_in([*_YES, *_NO])))
    faults += [("spoilt_figure", spoilt(cell)) for spoilt in _SPOILT.get(column.field, [])]
    return faults + [
        (code, filled & ~cell.str.contains(shape)) for code, shape in _SHAPES.get(column.field, [])
    ]


def _rounded(accounts: pl.Series) -> pl.Series:
    """Tell which accounts a spreadsheet took for figures, of which it keeps 15 digits and makes up the rest.

    Of whole accounts one in ten thousand looks so: to be asked again is better than to be paid to somebody else.
    """
    long = accounts.filter(accounts.str.contains(r"^[1-9][0-9]{17,29}$")).unique()
    return accounts.is_in([each for each in long if int(float(f"{float(each):.15g}")) == int(each)])


#: What a spreadsheet took for a figure, where nothing else in the number tells.
_SPOILT: dict[str, list[Callable[[pl.Expr], pl.Expr]]] = {
    # In powers of ten.
    "household_number": [lambda cell: cell.str.contains(r"^[0-9](?:\.[0-9]+)?[Ee]\+?[0-9]+$")],
    "bank_account": [lambda cell: cell.map_batches(_rounded, return_dtype=pl.Boolean)],
}


def _number_rejects(frame: pl.DataFrame) -> list[pl.DataFrame]:
    """Refuse numbers for the reason that ``with_identity_numbers`` found; an empty one is already ``missing``."""
    header = next(column.header for column in form() if column.field == "identity_number")
    faulty = frame.filter(pl.col("fault").is_not_null() & (pl.col("fault") != "empty"))
    masked = pl.col("identity_number").map_elements(mask_identity_number, return_dtype=pl.String)
    sex = code_lists()["sex"].code_column(pl.col("stated_sex"))
    contradicted = frame.filter(pl.col("sex") != sex)
    born = day_column(pl.col("stated_birth_date"))
    younger = frame.filter(pl.col("birth_date") != born)
    # Where no card is stated there is nothing to contradict; a card that holds begins with its owner's number.
    card = pl.col("disability_card").str.to_uppercase()
    others = frame.filter((card != "") & (card.str.slice(0, 18) != pl.col("number")))
    masked_card = card.map_elements(mask_identity_number, return_dtype=pl.String)
    return [
        faulty.select("line", code="fault", header=pl.lit(header), value=masked, **_WHOSE),
        others.select(
            "line",
            code=pl.lit("card_contradicts"),
            header=pl.lit("残疾证号"),
            value=masked_card,
            **_WHOSE,
        ),
        younger.select(
            "line",
            code=pl.lit("birth_date_contradicts"),
            header=pl.lit("出生日期"),
            value="stated_birth_date",
            **_WHOSE,
        ),
        contradicted.select(
            "line", code=pl.lit("sex_contradicts"), header=pl.lit("性别"), value="stated_sex", **_WHOSE
        ),
    ]


def _overlong(frame: pl.DataFrame) -> pl.DataFrame:
    reasons = {"code": TOO_MANY_CELLS, "header": "", "value": ""}
    told = {name: pl.lit(value) for name, value in reasons.items()}
    return overlong(frame).select("line", **told, **_WHOSE)


def _rejects(frame: pl.DataFrame, column: Column, code: str, fault: pl.Expr) -> pl.DataFrame:
    value = pl.col(column.field)
    if column.field in MASKS:
        value = value.map_elements(MASKS[column.field], return_dtype=pl.String)
    elif column.field not in _KEYS:
        # A number in the wrong column is a number still.
        value = value.str.replace_all(r"[0-9０-９]{11,}[Xx]?", "…").str.slice(0, _SHOWN)
    return frame.filter(fault).select(
        "line", code=pl.lit(code), header=pl.lit(column.header), value=value.fill_null(""), **_WHOSE
    )


def _values() -> list[pl.Expr]:
    """Return each column's values; blank means nothing was said."""
    return [_value(column).alias(column.field) for column in form() if column.field != "identity_number"]


def _value(column: Column) -> pl.Expr:
    cell = pl.col(column.field)
    if column.codes and column.many:
        return pl.when(cell != "").then(_codes(column, cell).list.unique(maintain_order=True))
    if column.codes:
        return code_lists()[column.codes].code_column(cell)
    if column.yes_no:
        return cell.str.to_lowercase().replace_strict(_YES | _NO, default=None, return_dtype=pl.Boolean)
    if column.between or column.amount:
        return _whole(cell) if column.between else _amount(cell)
    if column.field == "disability_card":
        cell = cell.str.to_uppercase()
    if column.day:
        return day_column(cell)
    return normalised_column(cell) if column.field == "name" else pl.when(cell != "").then(cell)


def _whole(cell: pl.Expr) -> pl.Expr:
    return plain_column(cell).str.extract(r"^([0-9]{1,4})(?:\.0+)?$").cast(pl.Int32)


def _amount(cell: pl.Expr) -> pl.Expr:
    return plain_column(cell).str.extract(r"^([0-9]{1,6}(?:\.[0-9]{1,2})?)$").cast(pl.Decimal(8, 2))


def _codes(column: Column, cell: pl.Expr) -> pl.Expr:
    """Return the codes of a cell that holds several labels."""
    parts = cell.str.replace_all("[,，;；/ ]", "、").str.split("、")
    # A separator at the end separates nothing.
    parts = parts.list.eval(pl.element().filter(pl.element() != ""))
    return parts.list.eval(code_lists()[column.codes or ""].code_column(pl.element()))
