"""Names of places as offices write them: with the committee or without, behind their town's and county's or alone."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from functools import cached_property

from shared.domain.division import Level, level_of, town_of
from shared.domain.written import plain

#: What offices add to a place's name, or leave out.
_TAILS = ("村民委员会", "居民委员会", "村委会", "居委会", "社区", "街道", "镇", "乡", "村")
#: By which a name is a town's.
_OF_TOWNS = ("街道", "镇", "乡")
_COMMITTEE = re.compile(r"(?<=.)(?:村民委员会|居民委员会|村委会|居委会)$")


def short(name: str) -> str:
    """Return a place's name without what offices add to it or leave out."""
    name = plain(name)
    while tail := next((each for each in _TAILS if name.endswith(each) and len(name) > len(each)), ""):
        name = name[: -len(tail)]
    return name


class PlaceNames:
    """The divisions of a county, found by code and by whatever way to write their name means one only."""

    def __init__(self, names: Mapping[str, str]) -> None:
        """``names``: official ones by code, with the county's own."""
        self.codes = frozenset(names)
        self._names = names

    @cached_property
    def _upper(self) -> dict[str, str]:
        """Towns and whatever is above them, by names that one only has."""
        upper = {
            code: plain(name) for code, name in self._names.items() if level_of(code) is not Level.VILLAGE
        }
        times = Counter(upper.values())
        return {name: code for code, name in upper.items() if times[name] == 1}

    @cached_property
    def _villages(self) -> Mapping[tuple[str, int, str], set[str]]:
        """By town ("" for all of them), and by how much of the name is left out."""
        villages: defaultdict[tuple[str, int, str], set[str]] = defaultdict(set)
        for code, name in self._names.items():
            if level_of(code) is Level.VILLAGE:
                for left_out, form in enumerate(_forms(plain(name))):
                    villages["", left_out, form].add(code)
                    villages[town_of(code), left_out, form].add(code)
        return villages

    def find(self, written: str) -> str | None:
        """Return the code of the one division that is meant; None where there is none, or several may be."""
        if written in self.codes:
            return written
        name = plain(written)
        return self._find(name) or self._find(self._behind_its_county(name))

    def find_all(self, written: Iterable[str]) -> dict[str, str]:
        """Return the codes of all that are found, by how they were written."""
        return {each: code for each in written if (code := self.find(each))}

    def _find(self, name: str) -> str | None:
        return self._upper.get(name) or self._behind_its_town(name) or self._village("", name)

    def _behind_its_county(self, name: str) -> str:
        for county in (each for each, code in self._upper.items() if level_of(code) is Level.COUNTY):
            name = name.partition(county)[2] or name
        return name

    def _behind_its_town(self, name: str) -> str | None:
        towns = ((town, code) for town, code in self._upper.items() if name.startswith(town))
        town, code = max(towns, key=lambda each: len(each[0]), default=("", ""))
        return self._village(code, name.removeprefix(town)) if code else None

    def _village(self, town: str, name: str) -> str | None:
        """Return the village; one that is called so in full is meant before those that are so in short."""
        for left_out, form in enumerate(_forms(name)):
            if found := self._villages.get((town, left_out, form)):
                return next(iter(found)) if len(found) == 1 else None
        return None


def _forms(name: str) -> tuple[str, ...]:
    """Return a village's name, the same without its committee, and in short; of a town's name nothing is left out."""
    without = _COMMITTEE.sub("", name)
    return (name, without) if without.endswith(_OF_TOWNS) else (name, without, short(name))
