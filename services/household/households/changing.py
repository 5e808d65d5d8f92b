"""How a household changes: locked, at the version that the caller read, and told of once all is done.

Whatever changes a fact of a household or of its people goes through here, so that its version counts every change.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from uuid import UUID

from sqlalchemy.orm.attributes import flag_modified
from sqlmodel import col, select

from services.household.households.errors import MemberGone
from services.household.households.events import state_of
from services.household.households.model import Household, Member
from services.household.households.queries import members_of, newest_income
from services.household.households.rules import HEAD
from shared.contracts.household import HouseholdChanged, HouseholdRegistered
from shared.database import Writer
from shared.refusal import NotFound


async def lock_households(db: Writer, household_ids: Collection[UUID]) -> dict[UUID, Household]:
    """Return households, each locked until the transaction ends; refuse with ``NotFound`` where one is missing.

    In the order of ids, which is everybody's order: two operations on the same two households never wait for
    each other in a circle.
    """
    wanted = select(Household).where(col(Household.id).in_(household_ids)).order_by(col(Household.id))
    # What this session may have read before the lock is read anew.
    found = await db.all(wanted.with_for_update().execution_options(populate_existing=True))
    if len(found) < len(set(household_ids)):
        raise NotFound
    return {household.id: household for household in found}


async def lock_household(db: Writer, household_id: UUID, version: int) -> Household:
    """Lock one household; refuse where the caller has read another version than the present one."""
    return (await lock_households(db, [household_id]))[household_id].expect(version)


async def changed(db: Writer, household: Household) -> Household:
    """Save a household with what was changed of it: a new version, its summary, its event."""
    await save(db, [(household, await members_of(db, household.id))])
    return household


async def save(db: Writer, families: Sequence[tuple[Household, Sequence[Member]]]) -> None:
    """Save households with all their people, new ones too: each gets one new version, and tells of itself once."""
    for household, members in families:
        summarise(household, members)
        # A change of a member alone is a change of the household too: its version is what others compare.
        flag_modified(household, "member_count")
    await db.flush()
    for household, members in families:
        kind = HouseholdRegistered if household.version == 1 else HouseholdChanged
        db.record(kind(**state_of(household, members, await newest_income(db, household.id))))


def summarise(household: Household, members: Iterable[Member]) -> None:
    """Keep beside the household what a list shows of its people."""
    present = present_among(members)
    household.member_count = len(present)
    household.head_name = next((member.name for member in present if member.relationship == HEAD), None)


def present_among(members: Iterable[Member]) -> list[Member]:
    """Return those who belong to the household and are there."""
    return [member for member in members if member.left_on is None]


def present_member(members: Iterable[Member], member_id: UUID) -> Member:
    """Return one of those who are there, or refuse."""
    member = member_among(members, member_id)
    if member.left_on is not None:
        raise MemberGone
    return member


def member_among(members: Iterable[Member], member_id: UUID) -> Member:
    """Return one of the household's people, there or not; refuses with ``NotFound``."""
    member = next((each for each in members if each.id == member_id), None)
    if member is None:
        raise NotFound
    return member
