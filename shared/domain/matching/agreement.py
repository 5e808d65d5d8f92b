"""How two values of one field agree: not only whether, for a slip of the pen looks otherwise than another person."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from functools import lru_cache

from shared.domain.division import town_of
from shared.domain.identity_number import IdentityNumberFault, parse
from shared.domain.person_name import comparable, normalise
from shared.domain.pinyin import pinyin

_SEVENTEEN = 17
_ORDER = 14
#: The lunar calendar runs three to seven weeks behind: a birthday by the one, entered as if by the other.
_LUNAR_DAYS = 52
_MANY = 1 << 16


class How(StrEnum):
    """How two values agree, from word for word to not at all."""

    SAME = "same"
    #: One name in two writings.
    VARIANT = "variant"
    SAME_PINYIN = "same_pinyin"
    #: One character more, less or other behind the same surname.
    ONE_SIGN = "one_sign"
    #: An old number of 15 digits and the one of 18 that took its place.
    WIDENED = "widened"
    ONE_DIGIT = "one_digit"
    #: Two neighbouring digits, or month and day, changed places.
    TRANSPOSED = "transposed"
    #: Same county and day of birth, another order: as it is of two people born on one day.
    ORDER = "order"
    #: As far apart as the lunar and the solar date of one day.
    NEAR = "near"
    SAME_HOUSEHOLD = "same_household"
    SAME_VILLAGE = "same_village"
    SAME_TOWN = "same_town"
    DIFFERENT = "different"


#: In which two names are one name.
ONE_NAME = frozenset({How.SAME, How.VARIANT})


def same_name(one: str, other: str) -> bool:
    """Tell whether two writings are the same name: what a comparison asks of a row whose number is known.

    Sets of rows are joined on ``comparable`` names, which are equal exactly then.
    """
    return names(one, other) in ONE_NAME


def names(one: str, other: str) -> How:
    """Say how two names agree."""
    (first, first_form, first_letters), (second, second_form, second_letters) = _read(one), _read(other)
    if first == second:
        return How.SAME
    if first_form == second_form:
        return How.VARIANT
    if first_letters and first_letters == second_letters:
        return How.SAME_PINYIN
    return How.ONE_SIGN if _one_sign_apart(first_form, second_form) else How.DIFFERENT


def birth_dates(one: date, other: date) -> How:
    """Say how two dates of birth agree."""
    if one == other:
        return How.SAME
    first, second = f"{one:%Y%m%d}", f"{other:%Y%m%d}"
    if _swapped(first, second) or (one.year, one.month, one.day) == (other.year, other.day, other.month):
        return How.TRANSPOSED
    if _digits_apart(first, second) == 1:
        return How.ONE_DIGIT
    return How.NEAR if abs((one - other).days) <= _LUNAR_DAYS else How.DIFFERENT


def numbers(one: str, other: str) -> How:
    """Say how two identity numbers agree; the check digit follows from the others and counts for nothing."""
    (first, first_was_old), (second, second_was_old) = _eighteen(one), _eighteen(other)
    if first == second:
        return How.WIDENED if first_was_old != second_was_old else How.SAME
    first, second = first[:_SEVENTEEN], second[:_SEVENTEEN]
    if len(first) != len(second):
        return How.DIFFERENT
    if _swapped(first, second):
        return How.TRANSPOSED
    if _digits_apart(first, second) == 1:
        return How.ONE_DIGIT
    return How.ORDER if first[:_ORDER] == second[:_ORDER] else How.DIFFERENT


def only_the_order_differs(one: str, other: str) -> bool:
    """Tell whether two numbers are of one county and day."""
    return _eighteen(one)[0][:_ORDER] == _eighteen(other)[0][:_ORDER]


def places(one: str, other: str) -> How:
    """Say how near two villages are."""
    if one == other:
        return How.SAME_VILLAGE
    return How.SAME_TOWN if town_of(one) == town_of(other) else How.DIFFERENT


@lru_cache(_MANY)
def _read(name: str) -> tuple[str, str, str]:
    return normalise(name), comparable(name), pinyin(name)


@lru_cache(_MANY)
def _eighteen(written: str) -> tuple[str, bool]:
    try:
        number = parse(written)
    except IdentityNumberFault:
        # A wrong number may still be somebody's right one with a slip in it.
        return written.strip().upper(), False
    return number.number, number.was_fifteen


def _one_sign_apart(one: str, other: str) -> bool:
    if one[:1] != other[:1]:
        return False
    if len(one) == len(other):
        return len(one) > 1 and _digits_apart(one, other) == 1
    short, long = sorted((one, other), key=len)
    return len(short) > 1 and any(long[:at] + long[at + 1 :] == short for at in range(1, len(long)))


def _digits_apart(one: str, other: str) -> int:
    return sum(a != b for a, b in zip(one, other, strict=True))


def _swapped(one: str, other: str) -> bool:
    apart = [at for at, (a, b) in enumerate(zip(one, other, strict=True)) if a != b]
    return (
        len(apart) == 2  # noqa: PLR2004 - the two that changed places
        and apart[1] == apart[0] + 1
        and one[apart[0]] == other[apart[1]]
        and one[apart[1]] == other[apart[0]]
    )
