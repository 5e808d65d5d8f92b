"""Administrative division codes (统计用区划代码): twelve digits, two for the province down to three for the village.

Source: rules of the National Bureau of Statistics for division codes, on top of GB/T 2260 (first six digits)
and GB/T 10114 (next three). Parks stand beside towns: positions 7 to 9 from 400 on.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import StringConstraints

DivisionCode = Annotated[str, StringConstraints(pattern=r"^[1-9][0-9]{11}$")]

#: The code that stands for the whole country.
NATION = "000000000000"

#: Digits that are significant at each level, from the top.
_LENGTHS = (2, 4, 6, 9, 12)
_PARKS = "400"
_VILLAGES_OUTSIDE = "500"


class Level(StrEnum):
    """Levels of the tree; a park (园区) is at the height of a town."""

    PROVINCE = "province"
    CITY = "city"
    COUNTY = "county"
    TOWN = "town"
    PARK = "park"
    VILLAGE = "village"


_LEVELS = (Level.PROVINCE, Level.CITY, Level.COUNTY, Level.TOWN, Level.VILLAGE)


def level_of(code: str) -> Level:
    """Return the level of a code."""
    level = _LEVELS[_LENGTHS.index(_significant(code))]
    return Level.PARK if level is Level.TOWN and _PARKS <= code[6:9] < _VILLAGES_OUTSIDE else level


def parent_of(code: str) -> str | None:
    """Return the code above, or None for a province."""
    length = _significant(code)
    # A village may stand right below its county (town 000): cutting at nine digits then yields the county itself.
    return next((_cut(code, shorter) for shorter in reversed(_LENGTHS) if shorter < length), None)


def ancestors_of(code: str) -> list[str]:
    """Return the codes above, province first."""
    above = parent_of(code)
    return [] if above is None else [*ancestors_of(above), above]


def smallest_around(one: str, other: str) -> str:
    """Return the smallest division that holds both, the nation where they share no province."""
    shared = {*ancestors_of(one), one} & {*ancestors_of(other), other}
    return max(shared, key=_significant, default=NATION)


def town_of(code: str) -> str:
    """Return the town or park that a village belongs to."""
    return _cut(code, 9)


def county_of(code: str) -> str:
    """Return the county that a town or village belongs to."""
    return _cut(code, 6)


def width_below(code: str) -> int:
    """Return how many digits tell the divisions directly below a code apart; a village is told by all of its own."""
    length = _significant(code)
    return next((longer for longer in _LENGTHS if longer > length), length)


def area_range(code: str) -> tuple[str, str]:
    """Return the half-open range, in byte order, of the code and all codes below it."""
    prefix = code[: _significant(code)]
    # The last digit's successor in ASCII: "9" is followed by ":", so no carry is needed.
    return prefix, prefix[:-1] + chr(ord(prefix[-1]) + 1)


def within(code: str, area: str) -> bool:
    """Tell whether a division is ``area`` or lies in it."""
    low, high = area_range(area)
    return low <= code < high


def _significant(code: str) -> int:
    return next(length for length in _LENGTHS if not code[length:].strip("0"))


def _cut(code: str, length: int) -> str:
    return code[:length].ljust(12, "0")
