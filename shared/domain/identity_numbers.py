"""Identity numbers by the column: the rules of ``identity_number``, vectorised for bulk work.

A differential test holds the two to the same verdicts.
"""

from __future__ import annotations

from functools import cache
from itertools import pairwise

import polars as pl

from shared.domain.identity_number import EARLIEST_YEAR, FIGURE, LOST, PROVINCES, SHAPE, STRAY
from shared.domain.written import plain_column

#: Where the first seventeen digits are cut for the check digit: each piece is one look-up in a small table.
_CUTS = (0, 3, 6, 9, 13, 17)
_DIGITS = [*"0123456789X"]


def with_identity_numbers(frame: pl.DataFrame, column: str) -> pl.DataFrame:
    """Add ``number`` (18 digits, null where refused), ``fault`` (null where valid), ``birth_date`` and ``sex``."""
    return frame.with_columns(judged(frame[column]))


def judged(written: pl.Series) -> pl.DataFrame:
    """Return ``number``, ``fault``, ``birth_date`` and ``sex`` for a column of any type; null is ``empty``."""
    frame = written.cast(pl.String).fill_null("").alias("written").to_frame()
    frame = frame.select(text=plain_column(pl.col("written"))).with_columns(
        figure=pl.col("text").str.contains(f"^(?:{FIGURE})$"),
        text=pl.col("text").str.replace_all(STRAY, "").str.replace_all("x", "X", literal=True),
    )
    old = pl.col("text").str.contains("^[0-9]{15}$")
    widened = pl.col("text").str.slice(0, 6) + "19" + pl.col("text").str.slice(6)
    frame = frame.with_columns(
        length=pl.col("text").str.len_chars(),
        seventeen=pl.when(old).then(widened).otherwise(pl.col("text").str.slice(0, 17)),
    ).with_columns(check=_check_digit(pl.col("seventeen")))
    number = pl.when(old).then(pl.col("seventeen") + pl.col("check")).otherwise(pl.col("text"))
    frame = frame.with_columns(number=number, born=_birth_date(number)).with_columns(fault=_fault())
    valid = pl.col("fault").is_null()
    odd = pl.col("number").str.slice(16, 1).is_in([*"13579"])
    return frame.select(
        number=pl.when(valid).then("number"),
        fault="fault",
        birth_date=pl.when(valid).then("born"),
        sex=pl.when(valid).then(pl.when(odd).then(pl.lit("male")).otherwise(pl.lit("female"))),
    )


def _fault() -> pl.Expr:
    number, born = pl.col("number"), pl.col("born")
    wrong = number.str.slice(17) != pl.col("check")
    return (
        pl.when(pl.col("figure"))
        .then(pl.lit("scientific_notation"))
        .when(pl.col("length") == 0)
        .then(pl.lit("empty"))
        .when(~pl.col("length").is_in([15, 18]))
        .then(pl.lit("bad_length"))
        .when(~number.str.contains(f"^{SHAPE}$"))
        .then(pl.lit("bad_characters"))
        .when(~number.str.slice(0, 2).is_in(sorted(PROVINCES)))
        .then(pl.lit("unknown_region"))
        .when(born.is_null() | (born.dt.year() < EARLIEST_YEAR))
        .then(pl.lit("impossible_date"))
        .when(wrong & number.str.ends_with(LOST))
        .then(pl.lit("scientific_notation"))
        .when(wrong)
        .then(pl.lit("wrong_check_digit"))
    )


def _birth_date(number: pl.Expr) -> pl.Expr:
    return number.str.slice(6, 8).str.to_date("%Y%m%d", strict=False)


def _check_digit(seventeen: pl.Expr) -> pl.Expr:
    """ISO 7064 MOD 11-2; null where there are no seventeen digits."""
    digits = pl.when(seventeen.str.contains("^[0-9]{17}$")).then(seventeen)
    total = pl.sum_horizontal(
        pl.lit(_remainders(start, end)).gather(digits.str.slice(start, end - start).cast(pl.UInt32))
        for start, end in pairwise(_CUTS)
    )
    # sum_horizontal takes null for nothing; the digits decide whether there is a sum at all.
    check = pl.lit(pl.Series(_DIGITS)).gather((12 - (2 * total) % 11) % 11)
    return pl.when(digits.is_not_null()).then(check)


@cache
def _remainders(start: int, end: int) -> pl.Series:
    """Return what each value of the digits from ``start`` to ``end`` adds, modulo 11 (where 13 is 2)."""
    width, shift = end - start, 13 ** (_CUTS[-1] - end)
    values = (int(f"{value:0{width}}", 13) * shift % 11 for value in range(10**width))
    return pl.Series(values, dtype=pl.Int32)
