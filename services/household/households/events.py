"""What the other services are told of a household."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row

from services.household.households.model import Household, Income, Member
from shared.contracts.household import HouseholdState, MemberState

_MEMBER_FIELDS = tuple(set(MemberState.model_fields) - {"number_index"})
#: What an event is made of: a bulk load reads these and nothing else, so that no number is deciphered on the way.
HOUSEHOLD_COLUMNS = tuple(
    getattr(Household, "official_name" if name == "responsible_official" else name)
    for name in HouseholdState.model_fields
    if name not in {"members", "income_year", "income_per_capita"}
)
MEMBER_COLUMNS = tuple(getattr(Member, name) for name in (*_MEMBER_FIELDS, "number_index", "household_id"))

ResultRow = Row[tuple[Any, ...]]


def state_of(
    household: Household | ResultRow, members: Sequence[Member | ResultRow], newest: Income | None
) -> dict[str, Any]:
    """Return the fields of ``HouseholdState``."""
    return {
        "id": household.id,
        "number": household.number,
        "division_code": household.division_code,
        "group_name": household.group_name,
        "grid_id": household.grid_id,
        "kind": household.kind,
        "lifted_year": household.lifted_year,
        "head_name": household.head_name,
        "members": tuple(member_state(member) for member in members),
        "minimum_living": household.minimum_living,
        "destitute": household.destitute,
        "housing_grade": household.housing_grade,
        "water_safe": household.water_safe,
        "income_year": newest.year if newest else None,
        "income_per_capita": newest.per_capita if newest else None,
        "responsible_official": household.official_name,
        "merged_into": household.merged_into,
        "version": household.version,
    }


def member_state(member: Member | ResultRow) -> MemberState:
    """Return what is told of a person: never the number, only its blind index."""
    index = member.number_index.hex() if member.number_index else None
    return MemberState(**{name: getattr(member, name) for name in _MEMBER_FIELDS}, number_index=index)
