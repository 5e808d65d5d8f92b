"""What a finding is about."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from services.inspection.checklists.model import Item, ObjectKind
from services.inspection.findings.errors import ObjectNeeded, UnknownMember
from services.inspection.replicas.model import Household
from shared.domain.level import Level

#: The village answers for its people; a station or a project is the town's, a mechanism the county's.
_LEVELS = {ObjectKind.OPERATOR: Level.TOWN, ObjectKind.COUNTY: Level.COUNTY}


def about_household(household: Household, item: Item, member_id: UUID | None) -> dict[str, Any]:
    """Return where a finding about a household or one of its people lies, and what it is about."""
    name = household.head_name or household.number
    if item.object is ObjectKind.PERSON:
        if member_id is None:
            raise ObjectNeeded
        known = (member["name"] for member in household.facts["members"] if member["id"] == str(member_id))
        name = next(known, "")
        if not name:
            raise UnknownMember
    return {
        "division_code": household.division_code,
        "household_id": household.id,
        "member_id": member_id if item.object is ObjectKind.PERSON else None,
        "object_name": name,
    }


def kind_of(item: Item, about: Mapping[str, Any]) -> ObjectKind:
    """Return what kind of thing a finding is about: an item of the door may have been asked of an inspected object."""
    return ObjectKind.OPERATOR if about.get("object_id") else item.object


def level_of(kind: ObjectKind) -> Level:
    """Return at whose table a finding about such an object lies at first."""
    return _LEVELS.get(kind, Level.VILLAGE)
