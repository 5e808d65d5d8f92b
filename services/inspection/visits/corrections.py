"""What a visit found to be otherwise in the registry: stated, or told by the answers; nobody writes it twice."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from services.inspection.asking.schemas import Answer
from services.inspection.checklists.catalog import item_of
from services.inspection.checklists.model import ObjectKind
from services.inspection.replicas.model import Household
from services.inspection.visits.schemas import Corrections, MemberCorrection


def corrected(
    stated: Corrections, answers: Sequence[Answer], household: Household, checklist: str
) -> Corrections:
    """Return what was stated and what the answers say of the registry's facts; what was stated wins."""
    home: dict[str, Any] = {}
    people: dict[UUID, dict[str, Any]] = {}
    members = {UUID(each["id"]): each for each in household.facts["members"]}
    for answer in answers:
        item = item_of(checklist, answer.item)
        # What was put right on the spot is as it should be again.
        if item.fact is None or answer.value is None or answer.on_the_spot:
            continue
        if item.object is ObjectKind.HOUSEHOLD:
            if household.facts.get(item.fact) != answer.value:
                home[item.fact] = answer.value
        elif answer.member_id and members[answer.member_id].get(item.fact) != answer.value:
            people.setdefault(answer.member_id, {})[item.fact] = answer.value
    for key, said in stated.members.items():
        people[key] = people.get(key, {}) | said.model_dump(exclude_unset=True)
    home |= stated.model_dump(exclude_unset=True, exclude={"members"})
    if people:
        home["members"] = {key: MemberCorrection(**said) for key, said in people.items()}
    return Corrections(**home)
