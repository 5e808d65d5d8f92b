"""Money: yuan with two decimals, on the wire a decimal string."""

from __future__ import annotations

import re
import unicodedata
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Annotated

from pydantic import AfterValidator, Field, PlainSerializer

_CENT = Decimal("0.01")
_WRITTEN = re.compile(r"[¥￥]?(-?[\d,]+(?:\.\d+)?)(万)?元?")


def round_to_cent(amount: Decimal) -> Decimal:
    """Return the amount with two decimals."""
    return amount.quantize(_CENT, ROUND_HALF_UP)


Yuan = Annotated[
    Decimal,
    Field(max_digits=14, decimal_places=2),
    AfterValidator(round_to_cent),
    PlainSerializer(str, return_type=str, when_used="json"),
]


def parse_yuan(written: str) -> Decimal | None:
    """Return the amount that an office wrote, such as ``1,234.50元`` or ``1.2万元``; None where it is no amount."""
    match = _WRITTEN.fullmatch(unicodedata.normalize("NFKC", written).replace(" ", ""))
    if match is None:
        return None
    try:
        amount = Decimal(match[1].replace(",", ""))
    except InvalidOperation:
        return None
    return round_to_cent(amount * 10_000 if match[2] else amount)
