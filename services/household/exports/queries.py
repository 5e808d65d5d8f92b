"""Everybody who is there, household by household, in the columns of the import form."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Iterator, Sequence
from functools import cache
from itertools import groupby
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
        yield [*_people(rows, clear=clear)]


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


def _people(rows: Iterable[Any], *, clear: bool) -> Iterator[Person]:
    """Give people by their fields; what is their household's is made once for all of them, who follow each other."""
    for _, together in groupby(rows, key=lambda row: row["h"]["id"]):
        first, *others = together
        household = _side(Household, first["h"], clear=clear)
        for row in (first, *others):
            yield household | _side(Member, row["m"], clear=clear)


def _side(model: type[Household | Member], row: Any, *, clear: bool) -> Person:
    facts = masked(opened(model, row), clear=clear)
    return {field: facts[column] for field, column in _fields(model)}


@cache
def _fields(model: type[Household | Member]) -> Sequence[tuple[str, str]]:
    """Return the form's fields that a table keeps, with their columns: in the form those of households come first."""
    return [(column.field, column.column) for column in form() if column.of == model.__tablename__]
