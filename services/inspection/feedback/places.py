"""Finding what a line names: places by code or name, households by number or head; ambiguous ones are no guess."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlmodel import col, select

from services.inspection.campaigns.model import Campaign
from services.inspection.replicas.model import Division, Household
from shared.database import Reader, inside
from shared.domain.division import town_of, within
from shared.domain.place_name import short
from shared.domain.written import plain


@dataclass
class Places:
    """The divisions of a campaign by name, and the households that a file names."""

    codes: frozenset[str]
    towns: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    villages: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    #: Offices number their households village by village: one number may be that of several.
    by_number: dict[str, list[Household]] = field(default_factory=lambda: defaultdict(list))
    by_head: dict[tuple[str, str], list[Household]] = field(default_factory=lambda: defaultdict(list))

    def find(self, code: str, town: str, village: str) -> str | None:
        """Return the division that a line names: None where it names none, or refuse with a fault's code."""
        if code:
            if code not in self.codes:
                raise LookupError("unknown_place")
            return code
        found: Sequence[str] = []
        if town:
            found = self.towns.get(short(town), [])
        if village:
            within = {town_of(each) for each in found} if town else None
            found = [
                each
                for each in self.villages.get(short(village), [])
                if within is None or town_of(each) in within
            ]
        if not (town or village):
            return None
        if len(found) != 1:
            raise LookupError("ambiguous_place" if found else "unknown_place")
        return found[0]

    def household(self, number: str, head: str, division: str | None) -> Household:
        """Return the household that a line names, or refuse with a fault's code."""
        if number:
            named = self.by_number.get(plain(number), [])
            found = [each for each in named if division is None or within(each.division_code, division)]
            if len(found) > 1:
                raise LookupError("ambiguous_number")
        elif not head:
            raise LookupError("object_needed")
        elif division is None or division.endswith("000"):
            raise LookupError("village_needed")
        else:
            found = self.by_head.get((division, plain(head)), [])
        if len(found) != 1:
            raise LookupError("ambiguous_household" if found else "unknown_household")
        return found[0]


async def places_of(db: Reader, campaign: Campaign, rows: Iterable[dict[str, Any]]) -> Places:
    """Return what is known of the places and households that the rows name, in two statements."""
    rows = list(rows)
    divisions = await db.all(select(Division).where(inside(Division.code, campaign.division_code)))
    places = Places(frozenset(each.code for each in divisions))
    for each in divisions:
        (places.villages if each.level == "village" else places.towns)[short(each.name)].append(each.code)
    numbers = {plain(row["household_number"]) for row in rows if row.get("household_number")}
    heads = {plain(row["head"]) for row in rows if row.get("head") and not row.get("household_number")}
    wanted = select(Household).where(
        inside(Household.division_code, campaign.division_code),
        col(Household.number).in_(numbers) | col(Household.head_name).in_(heads),
    )
    for household in await db.all(wanted):
        places.by_number[household.number].append(household)
        if household.head_name and household.inhabited:
            places.by_head[household.division_code, plain(household.head_name)].append(household)
    return places
