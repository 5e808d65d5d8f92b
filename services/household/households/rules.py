"""Pure decisions on households: who is head, what a statement of income comes to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

from services.household.households.errors import BadIdentityNumber, HeadNeeded, RepeatedPerson
from shared.domain.identity_number import IdentityNumber, IdentityNumberFault, parse
from shared.domain.money import round_to_cent
from shared.refusal import Fault

HEAD = "head"


def check_one_head(relationships: Iterable[str]) -> None:
    """Refuse a household with no head, or with several."""
    if sum(relationship == HEAD for relationship in relationships) != 1:
        raise HeadNeeded


def parse_numbers(written: Sequence[str | None]) -> list[IdentityNumber | None]:
    """Return the numbers of a household's members, or refuse with every fault at once and its place."""
    parsed: list[IdentityNumber | None] = []
    faults = []
    for position, raw in enumerate(written):
        try:
            parsed.append(parse(raw) if raw else None)
        except IdentityNumberFault as fault:
            pointer = f"/members/{position}/identity_number"
            faults.append(Fault(pointer, fault.fault, str(fault), zh=fault.zh))
            parsed.append(None)
    if faults:
        raise BadIdentityNumber(errors=tuple(faults))
    numbers = [each.number for each in parsed if each]
    if len(set(numbers)) < len(numbers):
        raise RepeatedPerson
    return parsed


def per_capita_income(
    *, wage: Decimal, business: Decimal, property_: Decimal, transfer: Decimal, cost: Decimal, sharers: int
) -> Decimal:
    """人均纯收入 = （工资性 + 生产经营性 + 财产性 + 转移性 - 生产经营性支出）÷ 共享人口, the plan's formula."""
    return round_to_cent((wage + business + property_ + transfer - cost) / sharers)
