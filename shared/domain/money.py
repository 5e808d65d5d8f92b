"""Money: yuan with two decimals, on the wire a decimal string."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal
from typing import Annotated

import polars as pl
from pydantic import AfterValidator, Field, PlainSerializer

from shared.domain.in_signs import amount_in_figures, figures_column
from shared.domain.written import mended, plain, plain_column

_CENT = Decimal("0.01")
_TIMES = {"万": 10_000, "亿": 100_000_000}
_WHOLE_DIGITS = 12
#: Decimals that are looked at; and, in yuan, how far from a cent an amount with more than six may stand. A program that
#: adds up binary fractions writes 0.30000000000000004: it is nearer by far, and a third decimal that is meant is not.
_LOOKED_AT, _NEAR = 16, Decimal("0.00001")
_LAST = Decimal(1).scaleb(-_LOOKED_AT)
#: As offices write it: 1234.5, 1,234.50元, ￥1234, 1.2万元人民币. Full-width forms are narrow by then, but for ￥.
_WRITTEN = (
    r"(?:人民币|[¥￥])?(?P<amount>-?(?:[0-9]{1,12}|[0-9]{1,3}(?:,[0-9]{3}){1,3})(?:\.[0-9]{1,6}(?P<tail>[0-9]{1,60})?)?)"
    r"(?P<unit>[万亿])?(?:[元圆][整正]?)?(?:人民币)?"
)
_AMOUNT = re.compile(_WRITTEN)
_FIGURE = r"^-?[0-9]{1,12}(?:\.[0-9]{1,2})?$"


def round_to_cent(amount: Decimal) -> Decimal:
    """Return the amount with two decimals, half a cent away from zero."""
    return amount.quantize(_CENT, ROUND_HALF_UP)


#: An amount in a request or answer; more than two decimals are refused, not rounded.
Yuan = Annotated[
    Decimal,
    Field(max_digits=_WHOLE_DIGITS + 2, decimal_places=2),
    AfterValidator(round_to_cent),
    PlainSerializer(str, return_type=str, when_used="json"),
]


def parse_yuan(written: str) -> Decimal | None:
    """Return the amount that an office wrote, such as ``1,234.50元`` or ``壹佰元整``; None where it is no amount."""
    text = plain(written)
    match = _AMOUNT.fullmatch(amount_in_figures(text) or text)
    if match is None:
        return None
    amount = Decimal(match["amount"].replace(",", "")).quantize(_LAST, ROUND_HALF_UP)
    exactly = amount * _TIMES.get(match["unit"], 1)
    yuan = round_to_cent(exactly)
    # What is less than any cent, and not nothing, means none.
    is_meant = abs(exactly - yuan) < _NEAR and (yuan != 0 or exactly == 0)
    return yuan if match["tail"] is None or is_meant else None


def yuan_column(written: pl.Expr) -> pl.Expr:
    """Return what ``parse_yuan`` returns, for a column of text; as ``Decimal(38, 2)``, null where it is no amount."""
    figures = mended(written, fine=lambda cell: cell.str.contains(_FIGURE), mend=_figure)
    return figures.cast(pl.Decimal(38, 2), strict=False)


def _figure(written: pl.Expr) -> pl.Expr:
    """Return amounts as figures: what ``_FIGURE`` finds; null where it is no amount."""
    found = figures_column(plain_column(written), amount_in_figures).str.extract_groups(f"^{_WRITTEN}$")
    # Taken apart once: as an expression it would be for each of its two parts.
    return found.map_batches(_from_parts, return_dtype=pl.String)


def _from_parts(found: pl.Series) -> pl.Series:
    amount = pl.col("amount").str.replace_all(",", "").cast(pl.Decimal(38, _LOOKED_AT), strict=False)
    times = pl.col("unit").replace_strict(_TIMES, default=1)
    exactly = found.struct.unnest().select("tail", exactly=amount * times)
    yuan = pl.col("exactly").round(2, mode="half_away_from_zero")
    is_meant = ((pl.col("exactly") - yuan).abs() < _NEAR) & ((yuan != 0) | (pl.col("exactly") == 0))
    return exactly.select(
        pl.when(pl.col("tail").is_null() | is_meant).then(yuan.cast(pl.Decimal(38, 2)).cast(pl.String))
    ).to_series()
