"""Everybody who is there, household by household, in the columns of the import form."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from typing import Any

from sqlalchemy import Select, func, select, text
from sqlmodel import col

from services.household.households.filters import HouseholdFilter, conditions
from services.household.households.model import Household, Member
from services.household.households.private import masked
from services.household.households.rules import HEAD
from services.household.imports.columns import form
from shared.database import Database, Reader
from shared.database.glance import opened
from shared.identity.principal import Principal
from shared.logging import log

_log = log(__name__)
#: People that are in memory at one time.
CHUNK = 2000
Person = dict[str, Any]


async def count_people(db: Reader, wanted: HouseholdFilter) -> int:
    """Return how many people an export would hold."""
    return int(await db.scalar(_there(select(func.count()), wanted)))


async def people_of(db: Reader, wanted: HouseholdFilter) -> AsyncIterator[list[Person]]:
    """Yield the people of households as the caller may see them, some at a time, all as of one moment."""
    clear = db.principal.may("pii:export")
    if clear:
        _log.info("pii.export", division=wanted.division, caller=db.principal.subject)
    # Rows as wholes: the driver takes them apart, and nothing is mapped that is only passed on.
    people = _there(select(text("household AS h"), text("member AS m")), wanted).order_by(
        *(col(Household.division_code), col(Household.number), col(Household.id)),
        *(col(Member.relationship) != HEAD, col(Member.id)),
    )
    async for rows in db.stream(people, at_once=CHUNK):
        yield [_person(row["h"], row["m"], clear=clear) for row in rows]


async def people_streamed(
    database: Database, caller: Principal, wanted: HouseholdFilter
) -> AsyncGenerator[list[Person]]:
    """Yield the same in a transaction of its own: what is streamed outlives the request's."""
    async with database.reading(caller) as db:
        async for people in people_of(db, wanted):
            yield people


def _there(chosen: Select[Any], wanted: HouseholdFilter) -> Select[Any]:
    joined = chosen.select_from(Household).join(Member, col(Member.household_id) == Household.id)
    return joined.where(col(Member.left_on).is_(None), *conditions(wanted))


def _person(household: Any, member: Any, *, clear: bool) -> Person:
    sides = {
        "household": masked(opened(Household, household), clear=clear),
        "member": masked(opened(Member, member), clear=clear),
    }
    return {column.field: sides[column.of][column.column] for column in form()}
