"""What the other services are told of a household."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from services.household.households.model import Household, Income, Member
from shared.contracts.household import MemberState

_MEMBER_FIELDS = set(MemberState.model_fields) - {"number_index"}


def state_of(household: Household, members: Sequence[Member], newest: Income | None) -> dict[str, Any]:
    """Return the fields of ``HouseholdState``."""
    return {
        "id": household.id,
        "number": household.number,
        "division_code": household.division_code,
        "group_name": household.group_name,
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
        "version": household.version,
    }


def member_state(member: Member) -> MemberState:
    """Return what is told of a person: never the number, only its blind index."""
    index = member.number_index.hex() if member.number_index else None
    return MemberState(**member.model_dump(include=_MEMBER_FIELDS), number_index=index)
