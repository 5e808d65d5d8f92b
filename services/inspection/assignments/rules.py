"""Sharing out households: grid by grid, with equal loads; no I/O, and the same result for the same question."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil
from uuid import UUID

from shared.domain.division import within

#: A household to be visited first takes about twice as long: serious illness, destitute, monitored.
_PRIORITY_WEIGHT = 2


@dataclass(frozen=True)
class Home:
    """A household to be visited, and where it belongs: its grid, or else its group, or else its village."""

    id: UUID
    division_code: str
    unit: str
    priority: bool

    @property
    def weight(self) -> int:
        """How much work it is."""
        return _PRIORITY_WEIGHT if self.priority else 1


@dataclass(frozen=True)
class Officer:
    """Somebody who visits in a division."""

    name: str
    division_code: str


@dataclass
class Shares:
    """Who visits what, and how much each has to do."""

    #: Weight by officer, with what they had before.
    loads: dict[str, int]
    officers: dict[UUID, str] = field(default_factory=dict)
    left: int = 0

    def give(self, homes: Sequence[Home], officer: str) -> None:
        """Give households to an officer."""
        self.loads[officer] += sum(home.weight for home in homes)
        self.officers |= {home.id: officer for home in homes}


def share(
    homes: Sequence[Home],
    officers: Sequence[Officer],
    *,
    loads: Mapping[str, int],
    keepers: Mapping[str, str],
) -> Shares:
    """Share households among the officers of their villages.

    ``keepers`` tells the officer of a unit that has its own (网格员): theirs stays theirs. The others go as wholes, the
    largest first, to whoever has least; only what is more than half of a fair share is divided.
    """
    shares = Shares(dict.fromkeys((each.name for each in officers), 0) | dict(loads))
    by_village: dict[str, list[Home]] = defaultdict(list)
    for home in homes:
        by_village[home.division_code].append(home)
    for village in sorted(by_village):
        eligible = sorted({each.name for each in officers if within(village, each.division_code)})
        units: dict[str, list[Home]] = defaultdict(list)
        for home in sorted(by_village[village], key=lambda each: (each.unit, str(each.id))):
            units[home.unit].append(home)
        for unit in [unit for unit in units if keepers.get(unit) in eligible]:
            shares.give(units.pop(unit), keepers[unit])
        if eligible:
            _share_units(shares, units, eligible)
        else:
            shares.left += sum(map(len, units.values()))
    return shares


def _share_units(shares: Shares, units: Mapping[str, list[Home]], eligible: Sequence[str]) -> None:
    total = sum(home.weight for homes in units.values() for home in homes)
    most = max(ceil(total / len(eligible) / 2), _PRIORITY_WEIGHT)
    parts = [part for unit in sorted(units) for part in _parts(units[unit], most)]
    for part in sorted(parts, key=lambda each: -sum(home.weight for home in each)):
        shares.give(part, min(eligible, key=lambda name: (shares.loads[name], name)))


def _parts(homes: Sequence[Home], most: int) -> Iterator[list[Home]]:
    """Divide a unit into parts of no more than ``most``, in order, so that neighbours stay together."""
    part: list[Home] = []
    weight = 0
    for home in homes:
        if part and weight + home.weight > most:
            yield part
            part, weight = [], 0
        part.append(home)
        weight += home.weight
    if part:
        yield part
