"""What agreements are worth together: bits that add up (Fellegi and Sunter), and a chance that follows from them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from math import log2
from typing import Any

import yaml

from shared.domain.matching import agreement
from shared.domain.matching.agreement import ONE_NAME, How
from shared.domain.matching.facts import Facts
from shared.domain.person_name import comparable

_MANY = 1 << 16
_NAMED_ALIKE = ONE_NAME | {How.SAME_PINYIN}
_SLIPS = frozenset({How.ONE_DIGIT, How.TRANSPOSED})


@dataclass(frozen=True, slots=True)
class Agreement:
    """How one field agrees, and the bits by which that speaks for one person (or, below zero, for two)."""

    field: str
    how: How
    bits: float


@dataclass(frozen=True, slots=True)
class Match:
    """How two records agree: the chance that they tell of one person, and why."""

    score: float
    agreements: tuple[Agreement, ...]


def compare(one: Facts, other: Facts) -> Match:
    """Weigh two records; which of them comes first makes no difference."""
    agreements = tuple(
        Agreement(field, how, round(_bits(field, how, one.name, other.name), 2))
        for field, how in _agreements(one, other)
    )
    odds = _weights()["prior_bits"] + sum(each.bits for each in agreements)
    return Match(round(1 / (1 + 2**-odds), 4), agreements)


def _agreements(one: Facts, other: Facts) -> Iterator[tuple[str, How]]:
    named = agreement.names(one.name, other.name)
    yield "name", named
    if one.birth_date and other.birth_date:
        yield "birth_date", agreement.birth_dates(one.birth_date, other.birth_date)
    if one.sex and other.sex:
        yield "sex", How.SAME if one.sex == other.sex else How.DIFFERENT
    if one.number and other.number:
        yield "number", _numbers(one.number, other.number, named)
    together = one.household is not None and one.household == other.household
    if together:
        yield "place", How.SAME_HOUSEHOLD
    elif one.division_code and other.division_code:
        yield "place", agreement.places(one.division_code, other.division_code)
    # A household's phone is everybody's in it.
    if one.phone_index and other.phone_index and not together:
        yield "phone", How.SAME if one.phone_index == other.phone_index else How.DIFFERENT


def _numbers(one: str, other: str, named: How) -> How:
    how = agreement.numbers(one, other)
    # Twins get neighbouring numbers: a digit's slip in the order it is only where the name is the same besides.
    twins = how in _SLIPS and named not in _NAMED_ALIKE and agreement.only_the_order_differs(one, other)
    return How.ORDER if twins else how


def _bits(field: str, how: How, *names: str) -> float:
    share = _weights()["fields"][field][how.value]
    two = share["two"]
    if field == "name" and not share.get("plain"):
        two *= max(_how_common(name) for name in names)
    return log2(share["one"] / two)


@lru_cache(_MANY)
def _how_common(name: str) -> float:
    """Return the share of people who bear a name, as far as surname and given name are independent."""
    weights, written = _weights(), comparable(name)
    surname = weights["surnames_percent"].get(written[:1], weights["other_surname_percent"])
    by_length = weights["other_given_percent"]
    given = weights["given_percent"].get(written[1:], by_length.get(len(written) - 1, by_length[2]))
    return float(surname * given / 10_000)


@cache
def _weights() -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load(files(__package__).joinpath("weights.yaml").read_text("utf-8"))
    return read


#: The chance from which on people are asked.
REVIEW_FROM: float = _weights()["review_from"]
