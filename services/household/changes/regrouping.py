"""Natural changes of two households: split (分户), merge (并户), transfer of a member.

Whoever goes leaves a row behind, with date and reason, and has a new one where they are now. Both households are
locked, in the order of their ids; the caller's area must cover both.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from services.household.changes.book import Occurrence, enter
from services.household.changes.errors import EverybodyNeeded, NobodyStays, SameHousehold
from services.household.changes.events import tell
from services.household.changes.family import Family
from services.household.changes.model import Kind
from services.household.changes.rules import INHERITED
from services.household.changes.schemas import Merger, MovingMember, Split, Transfer
from services.household.households.changing import lock_households, present_member
from services.household.households.commands import number_for
from services.household.households.errors import RepeatedPerson
from services.household.households.holding import hold_household_number, hold_numbers, let_go_of_number
from services.household.households.model import Household, Member
from services.household.households.private import index_private
from services.household.households.rules import AWAY, HEAD, check_one_head, holds_number
from shared.database import Writer
from shared.keys import uuid7

#: What a row keeps to itself when its person goes on in another one.
_OF_THE_ROW = {"id", "household_id", "division_code", "version", "changed_at", "changed_by", "change_reason"}

#: Who goes, and who they are to the head there.
_Going = Sequence[tuple[Member, str]]


async def split(db: Writer, household_id: UUID, version: int, form: Split) -> UUID:
    """Let some people be a household of their own (分户); returns its id. Statements of income stay."""
    old = await Family.at(db, household_id, version)
    going = _named(old, form.members)
    if len(going) == len(old.present):
        raise NobodyStays
    new = Family(_split_off(old.household, form), [])
    _move(old, new, going, on=form.on, reason="split", today=db.today)
    old.succeed(form.new_head)
    await hold_household_number(db, new.household)
    db.add(new.household)
    await _regroup(db, Occurrence(kind=Kind.SPLIT, on=form.on, evidence=form.evidence), old, new)
    return new.household.id


async def merge(db: Writer, version: int, form: Merger) -> None:
    """Let all people of one household join another one (并户), whose head stays head."""
    merged, into = await _both(db, form.merged, form.into)
    into.household.expect(version)
    going = _named(merged, form.members)
    if len(going) < len(merged.present):
        raise EverybodyNeeded
    # Who is away for a time belongs to the household that the others went to.
    away = [each for each in merged.members if each.leave_reason in AWAY]
    going += [(each, "other" if each.relationship == HEAD else each.relationship) for each in away]
    _move(merged, into, going, on=form.on, reason="merged", today=db.today)
    merged.household.merged_into = into.household.id
    await _regroup(db, Occurrence(kind=Kind.MERGE, on=form.on, evidence=form.evidence), merged, into)


async def transfer(db: Writer, household_id: UUID, member_id: UUID, version: int, form: Transfer) -> None:
    """Let one person go over to another household that is registered."""
    old, new = await _both(db, household_id, form.household_id)
    old.household.expect(version)
    member = present_member(old.members, member_id)
    _move(old, new, [(member, form.relationship)], on=form.on, reason="transferred", today=db.today)
    old.succeed(form.new_head)
    await _regroup(db, Occurrence(kind=Kind.TRANSFER, on=form.on, evidence=form.evidence), old, new)


async def _both(db: Writer, old: UUID, new: UUID) -> tuple[Family, Family]:
    if old == new:
        raise SameHousehold
    households = await lock_households(db, {old, new})
    return await Family.of(db, households[old]), (await Family.of(db, households[new])).expect_open()


def _named(family: Family, members: Sequence[MovingMember]) -> list[tuple[Member, str]]:
    if len({each.member_id for each in members}) < len(members):
        raise RepeatedPerson
    return [(present_member(family.members, each.member_id), each.relationship) for each in members]


def _split_off(old: Household, form: Split) -> Household:
    """Return the new household: a neighbour of the old one in all that the form does not say otherwise."""
    said = form.model_dump(include={"group_name", "address", "phone"}, exclude_none=True)
    household = Household(id=uuid7(), number="", **old.model_dump(include=set(INHERITED)) | said)
    household.number = form.number or number_for(household.id, household.division_code)
    index_private(household)
    return household


def _move(old: Family, new: Family, going: _Going, *, on: date, reason: str, today: date) -> None:
    """Take people from one household over into the other, with all that is known of them."""
    for member, relationship in going:
        facts = member.model_dump(exclude=_OF_THE_ROW)
        facts |= {"relationship": relationship, "joined_on": on, "join_reason": reason}
        there = Member(
            id=uuid7(), household_id=new.household.id, division_code=new.household.division_code, **facts
        )
        old.part_with(member, on=on, reason=reason, today=today)
        new.members.append(there)
        old.elsewhere[member.id], new.elsewhere[there.id] = there.id, member.id
    check_one_head(each.relationship for each in new.present)


async def _regroup(db: Writer, what: Occurrence, old: Family, new: Family) -> None:
    """Save both households, hand over the numbers, and tell where people went."""
    moved = [new.member(there) for there in old.elsewhere.values()]
    await let_go_of_number(db, *[old.member(here) for here in old.elsewhere])
    await hold_numbers(db, [each for each in moved if holds_number(each)])
    db.add(*moved)
    await enter(db, what, old, new)
    tell(db, what, old, new)
