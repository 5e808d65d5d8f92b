"""A department's file, checked by the column."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from services.monitoring.comparisons.catalog import Dataset
from shared.crypto.masking import mask_identity_number
from shared.domain.identity_numbers import with_identity_numbers
from shared.domain.money import yuan_column
from shared.domain.person_name import comparable_column

#: Of what is written in words no more is kept.
_SHOWN = 40


@dataclass(frozen=True)
class Parsed:
    """The rows that can be compared, and what was wrong with the others: line, code, header, value."""

    rows: int
    good: pl.DataFrame
    rejects: pl.DataFrame


def parse(table: pl.DataFrame, dataset: Dataset) -> Parsed:
    """Check and convert all rows of a file."""
    absent = [field for field in ("amount", "note") if field not in table.columns]
    frame = table.with_columns(pl.lit("").alias(field) for field in absent)
    frame = with_identity_numbers(frame, "identity_number").with_columns(
        name_key=comparable_column(pl.col("name")),
        yuan=yuan_column(pl.col("amount")),
        note=pl.col("note").str.slice(0, _SHOWN),
    )
    rejects = pl.concat(_rejects(frame, dataset))
    good = frame.join(rejects.select("line").unique(), on="line", how="anti")
    return Parsed(table.height, good, rejects)


def _rejects(frame: pl.DataFrame, dataset: Dataset) -> list[pl.DataFrame]:
    masked = pl.col("identity_number").map_elements(mask_identity_number, return_dtype=pl.String)
    rejects = [
        _refused(frame, pl.col("fault").is_not_null(), pl.col("fault"), dataset, "identity_number", masked)
    ]
    rejects.append(_refused(frame, pl.col("name_key") == "", pl.lit("missing"), dataset, "name", pl.lit("")))
    if any(each.kind == "yuan" for each in dataset.columns):
        bad, written = pl.col("yuan").is_null(), pl.col("amount").str.slice(0, _SHOWN)
        rejects.append(_refused(frame, bad, pl.lit("not_an_amount"), dataset, "amount", written))
    return rejects


def _refused(
    frame: pl.DataFrame, bad: pl.Expr, code: pl.Expr, dataset: Dataset, field: str, value: pl.Expr
) -> pl.DataFrame:
    header = pl.lit(dataset.header_of(field))
    return frame.filter(bad).select("line", code=code, header=header, value=value.fill_null(""))
