"""Naming officials for one household or for many, ending their terms, noting their contacts."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import update
from sqlmodel import col, select

from services.household.households.changing import lock_households
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
from shared.database import Writer
from shared.domain.division import area_range

_MOST = 1000


async def name_official(
    db: Writer, household_id: UUID, version: int, official: ResponsibleOfficial
) -> Household:
    """Name the responsible official of a lifted household; the term of the one before ends that day."""
    household = (await lock_households(db, [household_id]))[household_id].expect(version)
    await _name(db, [household], official, since=official.since or db.today, reason=None)
    return household


async def hand_over(db: Writer, handover: Handover) -> int:
    """Give households to one official; returns how many."""
    ids = handover.household_ids or await _households_of(db, handover)
    if not ids:
        raise NothingToHandOver
    households = await lock_households(db, ids)
    await _name(
        db, households.values(), handover.to, since=handover.since or db.today, reason=handover.reason
    )
    return len(households)


async def end_term(db: Writer, household_id: UUID, version: int, end: EndOfTerm) -> Household:
    """Let nobody be responsible from a day on."""
    household = (await lock_households(db, [household_id]))[household_id].expect(version)
    if household.official_name is None:
        raise NobodyResponsible
    await _end(db, [household_id], on=end.on, reason=end.reason)
    await _summarise(db, [household_id], name=None, unit=None, phone=None)
    return household


def assume(household: Household, *, since: date) -> OfficialTerm | None:
    """Return the term of an official that a new household has from the one it came from; not stored yet."""
    if household.official_name is None:
        return None
    return OfficialTerm(
        household_id=household.id,
        division_code=household.division_code,
        name=household.official_name,
        unit=household.official_unit or "",
        since=since,
    )


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
    db: Writer, households: Iterable[Household], official: Official, *, since: date, reason: str | None
) -> None:
    homes = list(households)
    if any(household.kind != "lifted" for household in homes):
        raise NotLifted
    others = [
        each for each in homes if (each.official_name, each.official_unit) != (official.name, official.unit)
    ]
    await _end(db, [each.id for each in others], on=since, reason=reason)
    db.add(
        *(
            OfficialTerm(
                household_id=each.id,
                division_code=each.division_code,
                name=official.name,
                unit=official.unit,
                since=since,
            )
            for each in others
        )
    )
    await db.flush()
    await _summarise(
        db, [each.id for each in homes], **official.model_dump(include={"name", "unit", "phone"})
    )


async def _end(db: Writer, household_ids: Collection[UUID], *, on: date, reason: str | None) -> None:
    if on > db.today:
        raise DateAhead
    terms = select(OfficialTerm).where(
        col(OfficialTerm.household_id).in_(household_ids), col(OfficialTerm.until).is_(None)
    )
    for term in await db.all(terms):
        if on < term.since:
            raise BeforeTerm
        term.until, term.reason = on, reason
    await db.flush()


async def _summarise(db: Writer, household_ids: Collection[UUID], **official: Any) -> None:
    """Show on the households who is responsible now, and tell of them."""
    values = {f"official_{field}": value for field, value in official.items()}
    statement = update(Household).where(col(Household.id).in_(household_ids)).values(values)
    await db.execute(statement.execution_options(synchronize_session=False))
    # What was read before the statement is read anew: its version, above all.
    await lock_households(db, household_ids)
    await tell(db, changed=household_ids)


async def _households_of(db: Writer, handover: Handover) -> list[UUID]:
    if handover.official is None:
        return []
    wanted = select(Household.id).where(
        Household.official_name == handover.official.name, Household.official_unit == handover.official.unit
    )
    if handover.division:
        low, high = area_range(handover.division)
        wanted = wanted.where(col(Household.division_code) >= low, col(Household.division_code) < high)
    return await db.all(wanted.order_by(col(Household.id)).limit(_MOST))
