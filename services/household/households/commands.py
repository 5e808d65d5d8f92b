"""What can be done to a household. Every change touches the household's row, so its version counts them all."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm.attributes import flag_modified
from sqlmodel import col

from services.household.divisions.queries import is_village
from services.household.households.errors import (
    DateAhead,
    HeadCannotLeave,
    MemberGone,
    NotLifted,
    PersonRegistered,
    UnknownVillage,
)
from services.household.households.events import state_of
from services.household.households.model import Household, Income, Member, PersonNumber
from services.household.households.queries import members_of, newest_income
from services.household.households.rules import HEAD, check_one_head, parse_numbers, per_capita_income
from services.household.households.schemas import (
    Departure,
    HouseholdChange,
    MemberChange,
    NewHousehold,
    NewIncome,
    NewMember,
    ResponsibleOfficial,
)
from shared.contracts.household import HouseholdChanged, HouseholdRegistered
from shared.crypto.fields import ring
from shared.database import Writer
from shared.domain import person_name
from shared.domain.identity_number import IdentityNumber
from shared.keys import uuid7
from shared.refusal import NotFound


async def register(db: Writer, new: NewHousehold) -> Household:
    """Register a household with its members."""
    if not await is_village(db, new.division_code):
        raise UnknownVillage
    check_one_head(member.relationship for member in new.members)
    numbers = parse_numbers([member.identity_number for member in new.members])
    household = Household(id=uuid7(), number="", **new.model_dump(exclude={"members", "number"}))
    household.number = new.number or number_for(household)
    members = [_member(household, each, number) for each, number in zip(new.members, numbers, strict=True)]
    await _hold_numbers(db, members)
    db.add(household, *members)
    _summarise(household, members)
    await db.flush()
    db.record(HouseholdRegistered(**state_of(household, members, None)))
    return household


async def change(db: Writer, household_id: UUID, version: int, changes: HouseholdChange) -> Household:
    """Change what is given of a household."""
    household = (await db.get(Household, household_id)).expect(version)
    for name, value in changes.model_dump(exclude_unset=True).items():
        setattr(household, name, value)
    return await _changed(db, household)


async def add_member(db: Writer, household_id: UUID, version: int, new: NewMember) -> Household:
    """Take a person into a household, who was born, married in or moved in."""
    household = (await db.get(Household, household_id)).expect(version)
    if new.joined_on and new.joined_on > db.today:
        raise DateAhead
    (number,) = parse_numbers([new.identity_number])
    member = _member(household, new, number)
    present = [each for each in await members_of(db, household_id) if each.left_on is None]
    check_one_head(each.relationship for each in [*present, member])
    await _hold_numbers(db, [member])
    db.add(member)
    await db.flush()
    return await _changed(db, household)


async def change_member(
    db: Writer, household_id: UUID, member_id: UUID, version: int, changes: MemberChange
) -> Household:
    """Change what is given of a person. A new head takes the place of the old one, who becomes ``other``."""
    household = (await db.get(Household, household_id)).expect(version)
    members = await members_of(db, household_id)
    member = _present(members, member_id)
    for name, value in changes.model_dump(exclude_unset=True, exclude_none=True).items():
        setattr(member, name, person_name.normalise(value) if name == "name" else value)
    if changes.relationship == HEAD:
        for other in members:
            if other.relationship == HEAD and other.id != member.id:
                other.relationship = "other"
    check_one_head(each.relationship for each in members if each.left_on is None)
    return await _changed(db, household)


async def depart(
    db: Writer, household_id: UUID, member_id: UUID, version: int, departure: Departure
) -> Household:
    """Let a person leave: by death, marriage, moving … The row stays, with the date and the reason."""
    household = (await db.get(Household, household_id)).expect(version)
    members = await members_of(db, household_id)
    member = _present(members, member_id)
    if departure.on > db.today:
        raise DateAhead
    others = [each for each in members if each.left_on is None and each.id != member_id]
    if member.relationship == HEAD and others:
        raise HeadCannotLeave
    member.left_on, member.leave_reason = departure.on, departure.reason
    return await _changed(db, household)


async def assign_official(
    db: Writer, household_id: UUID, version: int, official: ResponsibleOfficial
) -> Household:
    """Name the responsible official of a lifted household."""
    household = (await db.get(Household, household_id)).expect(version)
    if household.kind != "lifted":
        raise NotLifted
    household.official_name, household.official_unit = official.name, official.unit
    household.official_phone = official.phone
    return await _changed(db, household)


async def state_income(db: Writer, household_id: UUID, version: int, new: NewIncome) -> Household:
    """Enter or replace the statement of a year."""
    household = (await db.get(Household, household_id)).expect(version)
    amounts = new.model_dump()
    per_capita = per_capita_income(
        wage=new.wage,
        business=new.business,
        property_=new.property,
        transfer=new.transfer,
        cost=new.production_cost,
        sharers=new.sharers,
    )
    values = {
        **amounts,
        "id": uuid7(),
        "household_id": household_id,
        "division_code": household.division_code,
        "per_capita": per_capita,
    }
    entered = insert(Income).values(values)
    kept = {name: entered.excluded[name] for name in [*amounts, "per_capita"]}
    await db.execute(entered.on_conflict_do_update(index_elements=["household_id", "year"], set_=kept))
    return await _changed(db, household)


def number_for(household: Household) -> str:
    """Return a household number: the village, then twelve digits of the household's own id."""
    return f"{household.division_code}{household.id.int % 10**12:012d}"


def _member(household: Household, new: NewMember, number: IdentityNumber | None) -> Member:
    facts: dict[str, Any] = new.model_dump(exclude={"identity_number", "name"})
    if number:
        facts |= {"sex": number.sex, "birth_date": number.birth_date}
    return Member(
        id=uuid7(),
        household_id=household.id,
        division_code=household.division_code,
        name=person_name.normalise(new.name),
        identity_number=number.number if number else None,
        number_index=ring().blind_index(number.number) if number else None,
        **facts,
    )


async def _hold_numbers(db: Writer, members: list[Member]) -> None:
    """Let these people hold their numbers, or refuse: somebody else does."""
    held = [
        {"number_index": each.number_index, "member_id": each.id, "household_id": each.household_id}
        for each in members
        if each.number_index
    ]
    if not held:
        return
    entered = (
        insert(PersonNumber).values(held).on_conflict_do_nothing().returning(col(PersonNumber.member_id))
    )
    if len(await db.rows(entered)) < len(held):
        raise PersonRegistered


def _present(members: list[Member], member_id: UUID) -> Member:
    member = next((each for each in members if each.id == member_id), None)
    if member is None:
        raise NotFound
    if member.left_on is not None:
        raise MemberGone
    return member


async def _changed(db: Writer, household: Household) -> Household:
    members = await members_of(db, household.id)
    _summarise(household, members)
    # A change of a member alone is a change of the household too: its version is what others compare.
    flag_modified(household, "member_count")
    await db.flush()
    db.record(HouseholdChanged(**state_of(household, members, await newest_income(db, household.id))))
    return household


def _summarise(household: Household, members: list[Member]) -> None:
    present = [member for member in members if member.left_on is None]
    household.member_count = len(present)
    household.head_name = next((member.name for member in present if member.relationship == HEAD), None)
