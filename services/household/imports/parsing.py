"""From text to values, by the column: each rule is one expression over all lines."""

from __future__ import annotations

from dataclasses import dataclass, field

import polars as pl

from services.household.imports.columns import Column, form
from shared.crypto.masking import mask_identity_number, mask_phone
from shared.domain.codes import code_lists
from shared.domain.identity_numbers import with_identity_numbers
from shared.domain.person_name import normalised_column

_YES = {
    "是": True,
    "有": True,
    "1": True,
    "y": True,
    "yes": True,
    "√": True,
    "否": False,
    "无": False,
    "0": False,
}
_NO = {"n": False, "no": False, "×": False}
#: Whose line it was: the rest of a household is told when its head is refused.
_WHOSE = {
    "household_number": pl.col("household_number"),
    "is_head": (code_lists()["relationship"].code_column(pl.col("relationship")) == "head").fill_null(
        value=False
    ),
}
_MASKS = {"identity_number": mask_identity_number, "phone": mask_phone}


@dataclass
class Parsed:
    """A parsed file: the lines that hold so far, and what was wrong with the others."""

    rows: int
    good: pl.DataFrame
    #: line, code, header, value, household_number, is_head.
    rejects: list[pl.DataFrame] = field(default_factory=list)


def parse(table: pl.DataFrame) -> Parsed:
    """Check and convert every column; a line with any fault is refused with all its faults."""
    present = [column for column in form() if column.field in table.columns]
    missing = [column for column in form() if column.field not in table.columns]
    frame = table.with_columns(pl.lit("").alias(column.field) for column in missing)
    frame = with_identity_numbers(frame, "identity_number")
    rejects = [_rejects(frame, column, code, fault) for column in present for code, fault in _faults(column)]
    rejects += _number_rejects(frame)
    bad = pl.concat([each.select("line") for each in rejects]).unique()
    good = frame.join(bad, on="line", how="anti").with_columns(_values())
    return Parsed(rows=table.height, good=good, rejects=[each for each in rejects if each.height])


def _faults(column: Column) -> list[tuple[str, pl.Expr]]:
    cell = pl.col(column.field)
    filled = cell != ""
    faults: list[tuple[str, pl.Expr]] = []
    if column.required:
        faults.append(("missing", ~filled))
    if column.codes and not column.many:
        faults.append(("unknown_code", filled & code_lists()[column.codes].code_column(cell).is_null()))
    if column.codes and column.many:
        faults.append(
            ("unknown_code", filled & _codes(column, cell).list.eval(pl.element().is_null()).list.any())
        )
    if column.number:
        faults.append(("not_a_number", filled & ~cell.str.contains(r"^\d{1,4}$")))
    if column.yes_no:
        faults.append(("not_yes_no", filled & ~cell.str.to_lowercase().is_in([*_YES, *_NO])))
    if column.field == "division_code":
        faults.append(("bad_division", filled & ~cell.str.contains(r"^[1-9]\d{11}$")))
    return faults


def _number_rejects(frame: pl.DataFrame) -> list[pl.DataFrame]:
    """Refuse numbers for the reason that ``with_identity_numbers`` found; an empty one is already ``missing``."""
    header = next(column.header for column in form() if column.field == "identity_number")
    faulty = frame.filter(pl.col("fault").is_not_null() & (pl.col("fault") != "empty"))
    masked = pl.col("identity_number").map_elements(mask_identity_number, return_dtype=pl.String)
    return [faulty.select("line", code="fault", header=pl.lit(header), value=masked, **_WHOSE)]


def _rejects(frame: pl.DataFrame, column: Column, code: str, fault: pl.Expr) -> pl.DataFrame:
    value = pl.col(column.field)
    if column.field in _MASKS:
        value = value.map_elements(_MASKS[column.field], return_dtype=pl.String)
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
    if column.number:
        return cell.cast(pl.Int32, strict=False)
    if column.yes_no:
        return cell.str.to_lowercase().replace_strict(_YES | _NO, default=None, return_dtype=pl.Boolean)
    if column.field == "name":
        return normalised_column(cell)
    return pl.when(cell != "").then(cell)


def _codes(column: Column, cell: pl.Expr) -> pl.Expr:
    """Return the codes of a cell that holds several labels."""
    parts = cell.str.replace_all("[,，;；/ ]", "、").str.split("、")
    return parts.list.eval(code_lists()[column.codes or ""].code_column(pl.element()))
