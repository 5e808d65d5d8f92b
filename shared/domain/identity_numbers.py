"""Identity numbers by the column: the rules of ``identity_number``, vectorised for bulk work.

A differential test keeps the two equal.
"""

from __future__ import annotations

import polars as pl

from shared.domain.identity_number import PROVINCES

_STRAY = r"[\s'\"`‘’“”,，.．·\-_\u200b\u200c\u200d\ufeff]+"
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = list("10X98765432")


def normalised(column: str) -> pl.Expr:
    """Return the column with full-width forms, stray signs and lower case put right."""
    return pl.col(column).fill_null("").str.normalize("NFKC").str.strip_chars()


def with_identity_numbers(frame: pl.DataFrame, column: str) -> pl.DataFrame:
    """Add ``number`` (18 digits, null where refused), ``fault`` (null where valid), ``birth_date``, ``sex``."""
    plain = frame.with_columns(_text=normalised(column)).with_columns(
        _scientific=pl.col("_text").str.contains(r"^\d(\.\d+)?[Ee]\+?\d+$"),
        _text=pl.col("_text").str.replace_all(_STRAY, "").str.to_uppercase(),
    )
    plain = plain.with_columns(_length=pl.col("_text").str.len_chars())
    old = pl.col("_text").str.contains(r"^[0-9]{15}$")
    widened = pl.col("_text").str.slice(0, 6) + "19" + pl.col("_text").str.slice(6)
    plain = plain.with_columns(
        _seventeen=pl.when(old).then(widened).otherwise(pl.col("_text").str.slice(0, 17))
    )
    shaped = pl.col("_seventeen").str.contains(r"^[0-9]{17}$")
    plain = plain.with_columns(_expected=pl.when(shaped).then(_check_digit("_seventeen")))
    written = pl.when(old).then(pl.col("_expected")).otherwise(pl.col("_text").str.slice(17))
    plain = plain.with_columns(_number=pl.col("_seventeen") + written)
    return _judged(plain).drop("_text", "_scientific", "_length", "_seventeen", "_expected", "_number")


def _judged(plain: pl.DataFrame) -> pl.DataFrame:
    number = pl.col("_number")
    born = number.str.slice(6, 8).str.to_date("%Y%m%d", strict=False)
    fault = (
        pl.when(pl.col("_scientific"))
        .then(pl.lit("scientific_notation"))
        .when(pl.col("_length") == 0)
        .then(pl.lit("empty"))
        .when(~pl.col("_length").is_in([15, 18]))
        .then(pl.lit("bad_length"))
        .when(~number.str.contains(r"^[0-9]{17}[0-9X]$").fill_null(value=False))
        .then(pl.lit("bad_characters"))
        .when(~number.str.slice(0, 2).is_in(sorted(PROVINCES)))
        .then(pl.lit("unknown_region"))
        .when(born.is_null() | (born.dt.year() < 1900))
        .then(pl.lit("impossible_date"))
        .when(number.str.slice(17) != pl.col("_expected"))
        .then(pl.lit("wrong_check_digit"))
    )
    judged = plain.with_columns(fault=fault)
    valid = pl.col("fault").is_null()
    odd = number.str.slice(16, 1).str.contains("[13579]")
    return judged.with_columns(
        number=pl.when(valid).then(number),
        birth_date=pl.when(valid).then(born),
        sex=pl.when(valid).then(pl.when(odd).then(pl.lit("male")).otherwise(pl.lit("female"))),
    )


def _check_digit(column: str) -> pl.Expr:
    """ISO 7064 MOD 11-2 over the first seventeen digits."""
    total = pl.lit(0)
    for position, weight in enumerate(_WEIGHTS):
        total = total + pl.col(column).str.slice(position, 1).cast(pl.Int32, strict=False) * weight
    return (total % 11).replace_strict(list(range(11)), _CHECKS, default=None, return_dtype=pl.String)
