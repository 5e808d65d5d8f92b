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
#: As offices write it: 1234.5, 1,234.50元, ￥1234, 1.2万元人民币. Full-width forms are narrow by then, but for ￥.
_WRITTEN = (
    r"(?:人民币|[¥￥])?(?P<amount>-?(?:[0-9]{1,12}|[0-9]{1,3}(?:,[0-9]{3}){1,3})(?:\.[0-9]{1,6})?)"
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
    amount = Decimal(match["amount"].replace(",", ""))
    return round_to_cent(amount * _TIMES.get(match["unit"], 1))


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
    amount = pl.col("amount").str.replace_all(",", "").cast(pl.Decimal(38, 6), strict=False)
    times = pl.col("unit").replace_strict(_TIMES, default=1)
    yuan = (amount * times).round(2, mode="half_away_from_zero").cast(pl.Decimal(38, 2))
    return found.struct.unnest().select(yuan.cast(pl.String)).to_series()
