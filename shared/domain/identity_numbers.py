"""Identity numbers by the column: the rules of ``identity_number``, vectorised for bulk work.

A differential test holds the two to the same verdicts.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl

from shared.domain.identity_number import EARLIEST_YEAR, FIGURE, LOST, PROVINCES, SHAPE, STRAY
from shared.domain.written import NOTHING, plain_column

#: What each of the first seventeen digits counts (GB 11643), and the check digit that belongs to each remainder.
_WEIGHTS = np.array([7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2], np.uint8)
_CHECKS = "10X98765432"
_CHECK_SIGNS = np.frombuffer(_CHECKS.encode(), np.uint8)
_IS_PROVINCE = np.array([f"{code:02}" in PROVINCES for code in range(100)])
_WIDTH = 18
_NO_NUMBER = "-" * _WIDTH
#: Since when each month from the earliest one on, in days since 1970, and how many days it has.
_MONTHS = (
    np.arange(f"{EARLIEST_YEAR}-01", "10000-02", dtype="datetime64[M]")
    .astype("datetime64[D]")
    .astype(np.int32)
)
_MONTH_BEGINS, _MONTH_DAYS = _MONTHS[:-1], np.diff(_MONTHS)


def with_identity_numbers(frame: pl.DataFrame, column: str) -> pl.DataFrame:
    """Add what ``judged`` returns of a column."""
    return frame.with_columns(judged(frame[column]))


def judged(written: pl.Series) -> pl.DataFrame:
    """Judge a column of any type; null is ``empty``.

    Returns ``number`` (18 digits, null where refused), ``fault`` (null where valid), ``birth_date``, ``sex`` and
    ``fifteen``, whether it was written with as many digits.
    """
    cells = written.cast(pl.String).fill_null("")
    # Most cells hold a valid number and nothing else. What is no such number is judged again, slowly.
    others = (cells.str.len_bytes() != _WIDTH).arg_true()
    quick, sound = _judged_quickly(cells.clone().scatter(others, _NO_NUMBER))
    doubtful = np.flatnonzero(~sound)
    if not len(doubtful):
        return quick
    slow = _judged_slowly(cells.gather(doubtful))
    return quick.select(column.scatter(doubtful, slow[column.name]) for column in quick)


def _judged_quickly(numbers: pl.Series) -> tuple[pl.DataFrame, npt.NDArray[np.bool_]]:
    """Return what ``judged`` does of texts of eighteen bytes if they are valid numbers, and which of them are."""
    signs = _signs(numbers, _WIDTH)
    digits = signs - ord("0")
    year, month, day = (_number_of(digits[place]) for place in (slice(6, 10), slice(10, 12), slice(12, 14)))
    possible = digits[:-1].max(axis=0) <= 9  # noqa: PLR2004 - a digit
    possible &= (month >= 1) & (month <= 12) & (day >= 1) & (year >= EARLIEST_YEAR)  # noqa: PLR2004 - a year's months
    which = np.where(possible, (year - EARLIEST_YEAR) * 12 + month - 1, 0)
    sound = possible & (day <= _MONTH_DAYS[which]) & _IS_PROVINCE.take(_number_of(digits[:2]), mode="clip")
    sound &= _CHECK_SIGNS[_remainders(digits)] == signs[-1]
    quick = pl.DataFrame(
        {
            "number": numbers,
            "fault": pl.Series([None], dtype=pl.String).new_from_index(0, len(numbers)),
            "birth_date": pl.Series(_MONTH_BEGINS[which] + np.where(possible, day - 1, 0)).cast(pl.Date),
            "sex": pl.Series(["female", "male"]).gather(digits[16] % 2),
            "fifteen": pl.Series([False]).new_from_index(0, len(numbers)),
        }
    )
    return quick, sound


def _number_of(digits: npt.NDArray[np.uint8]) -> npt.NDArray[np.int32]:
    """Return the numbers that a few rows of digits are."""
    number: npt.NDArray[np.int32] = np.zeros(digits.shape[1], np.int32)
    for each in digits:
        number = number * 10 + each
    return number


def _judged_slowly(cells: pl.Series) -> pl.DataFrame:
    frame = cells.alias("written").to_frame()
    frame = frame.select(text=plain_column(pl.col("written"))).with_columns(
        figure=pl.col("text").str.contains(f"^(?:{FIGURE})$"),
        text=pl.col("text").str.replace_all(STRAY, "").str.replace_all("x", "X", literal=True),
    )
    old = pl.col("text").str.contains("^[0-9]{15}$")
    widened = pl.col("text").str.slice(0, 6) + "19" + pl.col("text").str.slice(6)
    frame = frame.with_columns(
        old=old,
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
        fifteen=valid & pl.col("old"),
    )


def _fault() -> pl.Expr:
    number, born = pl.col("number"), pl.col("born")
    wrong = number.str.slice(17) != pl.col("check")
    return (
        pl.when(pl.col("figure"))
        .then(pl.lit("scientific_notation"))
        .when(pl.col("text").is_in(sorted(NOTHING)))
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
    return digits.map_batches(_check_digits, return_dtype=pl.String)


def _check_digits(digits: pl.Series) -> pl.Series:
    present = digits.is_not_null()
    if not present.any():
        return digits
    remainders = _remainders(_signs(digits.drop_nulls(), len(_WEIGHTS)) - ord("0"))
    place = (present.cum_sum().cast(pl.Int64) - 1).clip(0)
    return pl.Series([*_CHECKS]).gather(remainders.astype(np.uint32)).gather(place).zip_with(present, digits)


def _signs(texts: pl.Series, width: int) -> npt.NDArray[np.uint8]:
    """Return texts of one length, of signs of one byte each, as an array: all first signs, then all second ones."""
    rows = np.frombuffer(texts.str.join("").item().encode(), np.uint8).reshape(-1, width)
    return np.ascontiguousarray(rows.T)


def _remainders(digits: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint16]:
    """Return what decides on the check digit: the weighted sum of the first seventeen, modulo eleven."""
    total: npt.NDArray[np.uint16] = np.zeros(digits.shape[1], np.uint16)
    for each, weight in zip(digits, _WEIGHTS, strict=False):
        total += each * weight
    return total % len(_CHECKS)
