"""Names of places as offices write them: with the committee or without, behind their town's and county's or alone."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Set as AbstractSet
from functools import cached_property
from itertools import chain

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
    def _upper(self) -> Mapping[str, set[str]]:
        """Towns and whatever is above them, by name."""
        upper: defaultdict[str, set[str]] = defaultdict(set)
        for code, name in self._names.items():
            if level_of(code) is not Level.VILLAGE:
                upper[plain(name)].add(code)
        return upper

    @cached_property
    def _only(self) -> Mapping[str, str]:
        """Those of them that alone are called so."""
        return {name: next(iter(codes)) for name, codes in self._upper.items() if len(codes) == 1}

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

    def meant(self, written: str) -> AbstractSet[str]:
        """Return the code of the one division that is meant; none where there is none, several where any may be."""
        if written in self.codes:
            return {written}
        name = plain(written)
        ways = (self._ways(name), self._ways(self._behind_its_county(name)))
        found = [codes for codes in chain(*ways) if codes]
        return min(found, key=lambda codes: len(codes) > 1, default=set())

    def _ways(self, name: str) -> Iterator[AbstractSet[str]]:
        yield self._upper.get(name, set())
        yield self._behind_its_town(name)
        yield self._village("", name)

    def _behind_its_county(self, name: str) -> str:
        for county in (each for each, code in self._only.items() if level_of(code) is Level.COUNTY):
            name = name.partition(county)[2] or name
        return name

    def _behind_its_town(self, name: str) -> AbstractSet[str]:
        towns = ((town, code) for town, code in self._only.items() if name.startswith(town))
        town, code = max(towns, key=lambda each: len(each[0]), default=("", ""))
        return self._village(code, name.removeprefix(town)) if code else set()

    def _village(self, town: str, name: str) -> AbstractSet[str]:
        """Return the village; one that is called so in full is meant before those that are so in short."""
        found = (self._villages.get((town, *form), set()) for form in enumerate(_forms(name)))
        return next(filter(None, found), set())


def _forms(name: str) -> tuple[str, ...]:
    """Return a village's name, the same without its committee, and in short; of a town's name nothing is left out."""
    without = _COMMITTEE.sub("", name)
    return (name, without) if without.endswith(_OF_TOWNS) else (name, without, short(name))
