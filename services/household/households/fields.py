"""What a field of the collection form may hold."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from shared.domain.disability_card import NotADisabilityCard, parse as parse_card
from shared.domain.identity_number import IdentityNumberFault
from shared.domain.money import Yuan
from shared.domain.written import plain

Name = Annotated[str, Field(min_length=1, max_length=100)]
Text = Annotated[str, Field(max_length=200)]
Phone = Annotated[str, Field(pattern=r"^\+?[\d-]{5,20}$")]
Year = Annotated[int, Field(ge=1978, le=2100)]
#: Of one household: sums of a statement's lines and totals stay within what their columns hold.
Amount = Annotated[Yuan, Field(ge=0, le=1_000_000_000)]
Measure = Annotated[Decimal, Field(ge=0, max_digits=8, decimal_places=2)]
Months = Annotated[int, Field(ge=0, le=12)]
BankAccount = Annotated[str, AfterValidator(plain), Field(pattern=r"^[0-9 ]{8,30}$")]


def _card_number(written: str) -> str:
    try:
        parse_card(written)
    except (NotADisabilityCard, IdentityNumberFault) as fault:
        raise PydanticCustomError("bad_disability_card", "not a number of a disability card") from fault
    return plain(written).upper()


DisabilityCardNumber = Annotated[str, Field(max_length=40), AfterValidator(_card_number)]
