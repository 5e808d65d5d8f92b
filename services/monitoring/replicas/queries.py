"""Questions to the replicas."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from uuid import UUID

from sqlalchemy import select as select_columns, tuple_
from sqlmodel import col, select

from services.monitoring.replicas.errors import HouseholdUnknown, PersonUnknown
from services.monitoring.replicas.model import Division, HouseholdReplica, PersonReplica
from shared.database import Reader, Writer


async def names_of(db: Reader, codes: Iterable[str]) -> dict[str, str]:
    """Return the names of divisions."""
    rows = await db.rows(
        select_columns(col(Division.code), col(Division.name)).where(col(Division.code).in_(set(codes)))
    )
    return {row.code: row.name for row in rows}


async def names_of_persons(db: Reader, persons: Collection[tuple[UUID, UUID]]) -> dict[UUID, str]:
    """Return the names of persons, given as household and member, by member."""
    key = tuple_(col(PersonReplica.household_id), col(PersonReplica.member_id))
    rows = await db.rows(
        select_columns(col(PersonReplica.member_id), col(PersonReplica.name)).where(key.in_(persons))
    )
    return {row.member_id: row.name for row in rows}


async def lock_households(db: Writer, household_ids: Collection[UUID]) -> dict[UUID, HouseholdReplica]:
    """Return the households that are known, each locked until the transaction ends.

    Whoever decides by what is open about a household holds this lock, so that two who decide at once do so one
    after the other. In the order of ids, which is everybody's order.
    """
    found = await db.all(
        select(HouseholdReplica)
        .where(col(HouseholdReplica.id).in_(household_ids))
        .order_by(col(HouseholdReplica.id))
        .with_for_update()
    )
    return {household.id: household for household in found}


async def lock_household(db: Writer, household_id: UUID) -> HouseholdReplica:
    """Lock one household, or refuse."""
    households = await lock_households(db, [household_id])
    if household_id not in households:
        raise HouseholdUnknown
    return households[household_id]


async def households_of(db: Reader, household_ids: Iterable[UUID]) -> dict[UUID, HouseholdReplica]:
    """Return households, to show their names beside what is about them."""
    found = await db.all(select(HouseholdReplica).where(col(HouseholdReplica.id).in_(set(household_ids))))
    return {household.id: household for household in found}


async def present_members(db: Reader, household_id: UUID) -> list[PersonReplica]:
    """Return who belongs to the household now."""
    return await db.all(
        select(PersonReplica)
        .where(col(PersonReplica.household_id) == household_id, col(PersonReplica.left_on).is_(None))
        .order_by(col(PersonReplica.member_id))
    )


async def person_by_index(db: Reader, number_index: bytes) -> PersonReplica:
    """Return the present member with that blind index, or refuse."""
    person = await db.first(
        select(PersonReplica).where(
            col(PersonReplica.number_index) == number_index, col(PersonReplica.left_on).is_(None)
        )
    )
    if person is None:
        raise PersonUnknown
    return person
