"""What a visit found to be otherwise, stated or told by its answers, and proposes to the registry: no I/O."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from services.inspection.asking.schemas import Answer
from services.inspection.checklists.catalog import item_of
from services.inspection.checklists.model import ObjectKind
from services.inspection.corrections.model import Correction
from services.inspection.corrections.schemas import Corrections, MemberCorrection
from services.inspection.replicas.model import Household
from services.inspection.visits.model import Visit

#: Of the facts of a household, those that its replica keeps as columns.
_COLUMNS = ("group_name",)
_Fact = tuple[UUID | None, str]


class Changed(NamedTuple):
    """A fact, of a person or the household, that the registry has learned otherwise since a form showed it."""

    member_id: UUID | None
    field: str
    shown: Any
    known: Any


def corrected(
    stated: Corrections, answers: Sequence[Answer], household: Household, checklist: str
) -> Corrections:
    """Return what was stated to be otherwise and what the answers say of the registry's facts; what was stated wins."""
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


def proposals(visit: Visit, found: Corrections, shown: Corrections, household: Household) -> list[Correction]:
    """Return what a visit proposes: each fact that it found, beside what the form showed of it.

    What a form kept offline showed is what its front end says; else it is what is known here now.
    """
    known = _known(household) | dict(_facts(shown))
    return [
        Correction(
            visit_id=visit.id,
            household_id=visit.household_id,
            division_code=visit.division_code,
            member_id=member_id,
            field=field,
            known=known.get((member_id, field)),
            found=value,
        )
        for (member_id, field), value in _facts(found)
    ]


def changed_meanwhile(found: Corrections, shown: Corrections, household: Household) -> Iterator[Changed]:
    """Give the facts that the registry knows otherwise than both the form and the visit: a person must decide."""
    known, forms = _known(household), dict(_facts(shown))
    for fact, value in _facts(found):
        if fact in forms and known.get(fact) not in (forms[fact], value):
            member_id, field = fact
            yield Changed(member_id, field, forms[fact], known.get(fact))


def _facts(said: Corrections) -> Iterator[tuple[_Fact, Any]]:
    """Give what is said, fact by fact; null is said too."""
    of_household = said.model_dump(mode="json", exclude_unset=True, exclude={"members"})
    yield from (((None, field), value) for field, value in of_household.items())
    for member_id, member in said.members.items():
        of_member = member.model_dump(mode="json", exclude_unset=True)
        yield from (((member_id, field), value) for field, value in of_member.items())


def _known(household: Household) -> dict[_Fact, Any]:
    facts = household.facts | {name: getattr(household, name) for name in _COLUMNS}
    members: list[Mapping[str, Any]] = facts.pop("members")
    return {(None, field): value for field, value in facts.items()} | {
        (UUID(member["id"]), field): value for member in members for field, value in member.items()
    }
