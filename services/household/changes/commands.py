"""Natural changes within one household: somebody comes, goes, comes back, or becomes head."""

from __future__ import annotations

from uuid import UUID

from services.household.changes.book import Occurrence, enter
from services.household.changes.errors import NotAway
from services.household.changes.family import Family
from services.household.changes.model import Kind
from services.household.changes.rules import check_arrival, check_return, kind_of_departure
from services.household.changes.schemas import Arrival, ChangeOfHead, Departure, Return
from services.household.households.commands import new_member
from services.household.households.errors import DateAhead
from services.household.households.holding import hold_numbers, let_go_of_number
from services.household.households.rules import AWAY, check_one_head, holds_number, parse_numbers
from shared.database import Writer


async def arrive(db: Writer, household_id: UUID, version: int, arrival: Arrival) -> None:
    """Take a person into a household, who was born, married in or moved in."""
    family = (await Family.at(db, household_id, version)).expect_open()
    (number,) = parse_numbers([arrival], "", today=db.today)
    member = new_member(family.household, arrival, number)
    check_arrival(member, today=db.today)
    family.members.append(member)
    check_one_head(each.relationship for each in family.present)
    await hold_numbers(db, [member])
    db.add(member)
    on = member.joined_on or db.today
    what = Occurrence(kind=Kind.ARRIVAL, on=on, reason=member.join_reason, evidence=arrival.evidence)
    await enter(db, what, family)


async def depart(db: Writer, household_id: UUID, member_id: UUID, version: int, departure: Departure) -> None:
    """Let a person leave. The row stays, with the date and the reason.

    Who is away already may die or leave for good there. The last one to leave leaves an empty household.
    """
    family = await Family.at(db, household_id, version)
    member = family.leaving(member_id)
    family.part_with(member, on=departure.on, reason=departure.reason, today=db.today)
    family.succeed(departure.new_head)
    if not holds_number(member):
        await let_go_of_number(db, member)
    kind = kind_of_departure(departure.reason)
    what = Occurrence(kind=kind, on=departure.on, reason=departure.reason, evidence=departure.evidence)
    await enter(db, what, family)


async def come_back(db: Writer, household_id: UUID, member_id: UUID, version: int, back: Return) -> None:
    """Let a person come back who was in the army, in prison, at school or missing."""
    family = await Family.at(db, household_id, version)
    member = family.member(member_id)
    if member.left_on is None or member.leave_reason not in AWAY:
        raise NotAway
    check_return(member, back.on, today=db.today)
    member.joined_on, member.join_reason, member.relationship = back.on, back.reason, back.relationship
    member.left_on = member.leave_reason = None
    check_one_head(each.relationship for each in family.present)
    what = Occurrence(kind=Kind.RETURN, on=back.on, reason=back.reason, evidence=back.evidence)
    await enter(db, what, family)


async def change_head(db: Writer, household_id: UUID, version: int, change: ChangeOfHead) -> None:
    """Let another member be head."""
    family = await Family.at(db, household_id, version)
    if change.on > db.today:
        raise DateAhead
    family.install(change)
    await enter(db, Occurrence(kind=Kind.HEAD, on=change.on, evidence=change.evidence), family)
