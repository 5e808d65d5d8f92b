"""Which records are looked at together: those that share a key.

Each key stands for a slip that one person's two records may differ by; whatever the slip, another key is untouched
by it. Keys are texts; whoever stores them stores a keyed digest, for some hold parts of an identity number.
"""

from __future__ import annotations

from collections.abc import Iterator

from shared.domain.matching.facts import Facts
from shared.domain.pinyin import first_syllable, pinyin

_DIGITS = 18


def keys_of(person: Facts) -> list[str]:
    """Return a person's keys, each with the name of its rule in front."""
    return ["|".join(parts) for parts in _keys(person)]


def _keys(person: Facts) -> Iterator[tuple[str, ...]]:
    name, surname = pinyin(person.name), first_syllable(person.name)
    if not name:
        return
    if born := person.birth_date:
        # Another writing, other signs of the same sound, a number with a slip outside month and day.
        yield "name_day", name, f"{born:%m%d}"
        if person.division_code:
            # Month or day is wrong, and no number tells more: farther off than the village, nothing would come of it.
            yield "name_year_village", name, f"{born:%Y}", person.division_code
            # The given name is wrong.
            yield "surname_birth_village", surname, born.isoformat(), person.division_code
    if person.phone_index:
        # No date of birth at all.
        yield "name_phone", name, person.phone_index.hex()
    if person.number and len(person.number) == _DIGITS:
        yield from _number_keys(person.number, surname)


def _number_keys(number: str, surname: str) -> Iterator[tuple[str, ...]]:
    """Cut the number in four (county, year, day, order) and leave one out: a slip leaves one of these keys whole.

    None leaves the order out: that is everybody born in the county on that day, whom the names find.
    """
    county, year, day, order = number[:6], number[6:10], number[10:14], number[14:17]
    yield "but_county", surname, year, day, order
    yield "but_year", surname, county, day, order
    yield "but_day", surname, county, year, order
