"""What can be told of the people of a household, from rows at hand."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from services.monitoring.replicas.errors import NotOfHousehold
from services.monitoring.replicas.model import HouseholdReplica, PersonReplica

#: Labour that can work: ``weak`` counts, since it takes a public-welfare post or light work.
ABLE = frozenset({"ordinary", "skilled", "weak"})

_OF_HOUSEHOLD = {
    "number",
    "group_name",
    "kind",
    "lifted_year",
    "head_name",
    "minimum_living",
    "destitute",
} | {
    "housing_grade",
    "water_safe",
    "income_year",
    "income_per_capita",
}
_OF_PERSON = {
    "name",
    "sex",
    "birth_date",
    "relationship",
    "health",
    "disability_kind",
    "disability_grade",
} | {
    "education",
    "school_status",
    "labour",
    "work_place",
    "work_months",
    "medical_insurance",
}


def known_of(household: HouseholdReplica, members: Sequence[PersonReplica]) -> dict[str, Any]:
    """Return what is known of a household and its members, to be kept with what is decided on it."""
    return household.model_dump(mode="json", include=_OF_HOUSEHOLD) | {
        "members": [member.model_dump(mode="json", include=_OF_PERSON) for member in members]
    }


def expect_member(members: Sequence[PersonReplica], member_id: UUID | None) -> PersonReplica | None:
    """Return the named person of the household, or refuse; None names nobody."""
    if member_id is None:
        return None
    member = next((each for each in members if each.member_id == member_id), None)
    if member is None:
        raise NotOfHousehold
    return member


def has_labour(members: Iterable[PersonReplica]) -> bool | None:
    """Tell whether somebody in the household can work; None where the registry says it of nobody."""
    known = [member.labour for member in members if member.labour is not None]
    return any(labour in ABLE for labour in known) if known else None


def age_on(birth_date: date | None, on: date) -> int | None:
    """Return the age in full years (周岁) on a day; a year is full on the birthday."""
    if birth_date is None:
        return None
    return on.year - birth_date.year - ((on.month, on.day) < (birth_date.month, birth_date.day))


def is_aged(person: PersonReplica, youngest: int, oldest: int, on: date) -> bool:
    """Tell whether a person's age lies within bounds, both included; one that nobody knows does not."""
    age = age_on(person.birth_date, on)
    return age is not None and youngest <= age <= oldest
