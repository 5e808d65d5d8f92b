"""Naming officials for one household or for many, ending their terms, noting their contacts."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import func, select as sa_select, update
from sqlmodel import col, select

from services.household.households.changing import lock_household, lock_households
from services.household.households.errors import DateAhead
from services.household.households.model import Household
from services.household.households.telling import tell
from services.household.officials.errors import BeforeTerm, NobodyResponsible, NothingToHandOver, NotLifted
from services.household.officials.model import OfficialContact, OfficialTerm
from services.household.officials.schemas import (
    EndOfTerm,
    Handover,
    NewContact,
    Official,
    ResponsibleOfficial,
)
from services.household.officials.terms import follow
from shared.database import Writer, inside


async def name_official(
    db: Writer, household_id: UUID, version: int, official: ResponsibleOfficial
) -> Household:
    """Name the responsible official of a lifted household; the term of the one before ends that day."""
    household = await lock_household(db, household_id, version)
    await _name(db, [household], official, since=official.since or db.today, reason=None)
    return household


async def hand_over(db: Writer, handover: Handover) -> int:
    """Give households to one official; returns how many."""
    ids = handover.household_ids or await _households_of(db, handover)
    if not ids:
        raise NothingToHandOver
    households = await lock_households(db, ids)
    since = handover.since or db.today
    await _name(db, households.values(), handover.to, since=since, reason=handover.reason)
    return len(households)


async def end_term(db: Writer, household_id: UUID, version: int, end: EndOfTerm) -> Household:
    """Let nobody be responsible from a day on."""
    household = await lock_household(db, household_id, version)
    if household.official_name is None:
        raise NobodyResponsible
    await _check_day(db, [household_id], end.on)
    await _show(db, [household_id], name=None, unit=None, phone=None)
    await follow(db, [household_id], on=end.on, reason=end.reason)
    return household


async def note_contact(db: Writer, household_id: UUID, new: NewContact) -> OfficialContact:
    """Note a contact with a household."""
    household = await db.get(Household, household_id)
    if new.happened_on > db.today:
        raise DateAhead
    name = new.official_name or household.official_name
    if name is None:
        raise NobodyResponsible
    contact = OfficialContact(
        household_id=household.id,
        division_code=household.division_code,
        official_name=name,
        **new.model_dump(exclude={"official_name"}),
    )
    db.add(contact)
    await db.flush()
    return contact


async def _name(
    db: Writer, households: Collection[Household], official: Official, *, since: date, reason: str | None
) -> None:
    if any(household.kind != "lifted" for household in households):
        raise NotLifted
    one = (official.name, official.unit)
    others = [each.id for each in households if (each.official_name, each.official_unit) != one]
    await _check_day(db, others, since)
    ids = [each.id for each in households]
    await _show(db, ids, name=official.name, unit=official.unit, phone=official.phone)
    await follow(db, ids, on=since, reason=reason)


async def _check_day(db: Writer, household_ids: Collection[UUID], on: date) -> None:
    """Refuse a day ahead, and one on which another term was under way, or was yet to begin."""
    if on > db.today:
        raise DateAhead
    newest = func.max(func.greatest(col(OfficialTerm.since), col(OfficialTerm.until)))
    known = await db.scalar(sa_select(newest).where(col(OfficialTerm.household_id).in_(household_ids)))
    if known and on < known:
        raise BeforeTerm


async def _show(db: Writer, household_ids: Collection[UUID], **official: Any) -> None:
    """Show on the households who is responsible now, and tell of them."""
    values = {f"official_{field}": value for field, value in official.items()}
    statement = update(Household).where(col(Household.id).in_(household_ids)).values(values)
    await db.execute(statement.execution_options(synchronize_session=False))
    # What was read before the statement is read anew: its version, above all.
    await lock_households(db, household_ids)
    await tell(db, changed=household_ids)


async def _households_of(db: Writer, handover: Handover) -> list[UUID]:
    """Return the households that an official carries: those that the load counts."""
    if handover.official is None:
        return []
    wanted = select(Household.id).where(
        Household.official_name == handover.official.name,
        func.coalesce(col(Household.official_unit), "") == handover.official.unit,
        Household.kind == "lifted",
        col(Household.member_count) > 0,
    )
    if handover.division:
        wanted = wanted.where(inside(Household.division_code, handover.division))
    return await db.all(wanted)
