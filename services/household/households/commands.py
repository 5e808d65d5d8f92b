"""What can be done to a household. Every change touches the household's row, so its version counts them all."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from services.household.divisions.queries import find_village, grid_of_group
from services.household.divisions.rules import is_there
from services.household.households.changing import (
    changed,
    lock_household,
    present_among,
    present_member,
    summarise,
)
from services.household.households.errors import (
    ContradictsNumber,
    DateAhead,
    UnknownVillage,
    VillageClosed,
)
from services.household.households.events import state_of
from services.household.households.holding import (
    give_number,
    hold_household_number,
    hold_numbers,
    let_go_of_number,
)
from services.household.households.kinship import install
from services.household.households.model import Household, Member
from services.household.households.private import index_private
from services.household.households.queries import members_of
from services.household.households.rules import (
    HEAD,
    check_one_head,
    contradictions,
    parse_numbers,
)
from services.household.households.schemas import (
    HouseholdChange,
    MemberChange,
    NewHousehold,
    NewMember,
)
from shared.contracts.household import HouseholdRegistered
from shared.database import Writer
from shared.domain import person_name
from shared.domain.identity_number import IdentityNumber, parse
from shared.keys import uuid7


async def register(db: Writer, new: NewHousehold) -> Household:
    """Register a household with its members."""
    await _check_village(db, new.division_code)
    check_one_head(member.relationship for member in new.members)
    numbers = parse_numbers(new.members, "/members/{}", today=db.today)
    _check_joining(db, *new.members)
    household = Household(id=uuid7(), number="", **new.model_dump(exclude={"members", "number"}))
    household.grid_id = await grid_of_group(db, new.division_code, new.group_name)
    household.number = new.number or number_for(household.id, household.division_code)
    index_private(household)
    members = [new_member(household, each, number) for each, number in zip(new.members, numbers, strict=True)]
    await hold_household_number(db, household)
    await hold_numbers(db, members)
    db.add(household, *members)
    summarise(household, members)
    await db.flush()
    db.record(HouseholdRegistered(**state_of(household, members, None)))
    return household


async def change(db: Writer, household_id: UUID, version: int, changes: HouseholdChange) -> Household:
    """Change what is given of a household."""
    household = await lock_household(db, household_id, version)
    await set_facts(db, household, changes)
    return await changed(db, household)


async def set_facts(db: Writer, household: Household, changes: HouseholdChange) -> None:
    """Set what is given of a household that is locked and then saved."""
    for name, value in changes.model_dump(exclude_unset=True).items():
        setattr(household, name, value)
    if "group_name" in changes.model_fields_set:
        # Who goes to a group that a grid has as a whole goes to that grid; else the grid stays.
        of_group = await grid_of_group(db, household.division_code, household.group_name)
        household.grid_id = of_group or household.grid_id
    index_private(household)


async def change_member(
    db: Writer, household_id: UUID, member_id: UUID, version: int, changes: MemberChange
) -> Household:
    """Change what is given of a person. A new head takes the place of the old one.

    Everybody else is restated to the new head as far as the old relationships tell, else as ``other``.
    """
    household = await lock_household(db, household_id, version)
    members = await members_of(db, household_id)
    member = present_member(members, member_id)
    _check_joining(db, changes)
    (number,) = parse_numbers([changes], "", today=db.today)
    if number:
        await let_go_of_number(db, member)
        give_number(member, number)
        await hold_numbers(db, [member])
    old_head = next((each for each in present_among(members) if each.relationship == HEAD), member)
    if changes.relationship == HEAD and old_head is not member:
        others = [each for each in present_among(members) if each is not member]
        install(member, others, old_head=old_head, stated={}, otherwise="other")
    set_member_facts(member, changes)
    check_one_head(each.relationship for each in present_among(members))
    return await changed(db, household)


def number_for(household_id: UUID, village: str) -> str:
    """Return a household number: the village, then twelve digits of the household's own id."""
    return f"{village}{household_id.int % 10**12:012d}"


def new_member(household: Household, new: NewMember, number: IdentityNumber | None) -> Member:
    """Return a person to take into a household, not stored yet."""
    facts: dict[str, Any] = new.model_dump(include=set(NewMember.model_fields) - {"identity_number", "name"})
    member = Member(
        id=uuid7(),
        household_id=household.id,
        division_code=household.division_code,
        name=person_name.normalise(new.name),
        **facts,
    )
    if number:
        give_number(member, number)
    index_private(member)
    return member


def set_member_facts(member: Member, changes: MemberChange) -> None:
    """Set what is given; refuse what contradicts the number that the person has."""
    if member.identity_number and (
        faults := contradictions(changes, parse(member.identity_number), pointer="")
    ):
        raise ContradictsNumber(errors=tuple(faults))
    facts = changes.model_dump(exclude_unset=True, exclude={"identity_number"})
    if member.identity_number:
        # Null would clear what the number says.
        facts = {name: value for name, value in facts.items() if name not in {"sex", "birth_date"}}
    for name, value in facts.items():
        setattr(member, name, person_name.normalise(value) if name == "name" else value)
    index_private(member)


async def _check_village(db: Writer, code: str) -> None:
    village = await find_village(db, code)
    if village is None:
        raise UnknownVillage
    if not is_there(village, db.today):
        raise VillageClosed


def _check_joining(db: Writer, *persons: NewMember | MemberChange) -> None:
    if any(each.joined_on and each.joined_on > db.today for each in persons):
        raise DateAhead
