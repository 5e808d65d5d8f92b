"""Money: yuan with two decimals, on the wire a decimal string."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal
from typing import Annotated

import polars as pl
from pydantic import AfterValidator, Field, PlainSerializer

from shared.domain.written import mended, plain, plain_column

_CENT = Decimal("0.01")
_TEN_THOUSAND = 10_000
_WHOLE_DIGITS = 12
#: As offices write it: 1234.5, 1,234.50元, ￥1234, 人民币1.2万元整. Full-width forms are narrow by then, but for ￥.
_WRITTEN = (
    r"(?:人民币|[¥￥])?(?P<amount>-?(?:[0-9]{1,12}|[0-9]{1,3}(?:,[0-9]{3}){1,3})(?:\.[0-9]{1,6})?)"
    r"(?P<unit>万)?(?:元整?)?"
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
    """Return the amount that an office wrote, such as ``1,234.50元`` or ``1.2万元``; None where it is no amount."""
    match = _AMOUNT.fullmatch(plain(written))
    if match is None:
        return None
    amount = Decimal(match["amount"].replace(",", ""))
    return round_to_cent(amount * _TEN_THOUSAND if match["unit"] else amount)


def yuan_column(written: pl.Expr) -> pl.Expr:
    """Return what ``parse_yuan`` returns, for a column of text; as ``Decimal(38, 2)``, null where it is no amount."""
    figures = mended(written, fine=lambda cell: cell.str.contains(_FIGURE), mend=_figure)
    return figures.cast(pl.Decimal(38, 2), strict=False)


def _figure(written: pl.Expr) -> pl.Expr:
    """Return amounts as figures: what ``_FIGURE`` finds; null where it is no amount."""
    found = plain_column(written).str.extract_groups(f"^{_WRITTEN}$")
    amount = found.struct["amount"].str.replace_all(",", "").cast(pl.Decimal(38, 6), strict=False)
    times = pl.when(found.struct["unit"].is_null()).then(1).otherwise(_TEN_THOUSAND)
    return (amount * times).round(2, mode="half_away_from_zero").cast(pl.Decimal(38, 2)).cast(pl.String)
