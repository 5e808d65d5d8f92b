"""Everybody who is there, household by household, in the columns of the import form."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from functools import cache
from typing import Any

from services.household.households.model import Household, Member
from services.household.households.private import masked
from services.household.imports.columns import form
from shared.database import Database, Reader
from shared.database.glance import opened
from shared.domain.division import area_range
from shared.identity.principal import Principal
from shared.logging import log

_log = log(__name__)
#: People that are in memory at one time.
CHUNK = 2000
Person = dict[str, Any]


async def count_people(db: Reader, division: str, kinds: Sequence[str]) -> int:
    """Return how many people an export would hold."""
    (counted,) = await db.glance(f"SELECT count(*) AS people {_FROM}", *_values(division, kinds))
    return int(counted["people"])


async def people_of(
    database: Database, caller: Principal, division: str, kinds: Sequence[str]
) -> AsyncIterator[list[Person]]:
    """Yield the people of a division as the caller may see them, some at a time, all as of one moment.

    A transaction of its own: what is streamed outlives the request's.
    """
    clear = caller.may("pii:export")
    if clear:
        _log.info("pii.export", division=division, caller=caller.subject)
    async with database.reading(caller) as db:
        connection = await db.connection()
        cursor = await connection.cursor(_people(), *_values(division, kinds))
        while rows := await cursor.fetch(CHUNK):
            yield [_person(row["h"], row["m"], clear=clear) for row in rows]


def _person(household: Any, member: Any, *, clear: bool) -> Person:
    sides = {
        "household": masked(opened(Household, household), clear=clear),
        "member": masked(opened(Member, member), clear=clear),
    }
    return {column.field: sides[column.of][column.column] for column in form()}


#: Parameters: the division's low and high end, kinds or none.
_FROM = """
    FROM household h JOIN member m ON m.household_id = h.id
    WHERE h.division_code >= $1 AND h.division_code < $2 AND m.left_on IS NULL
        AND (cardinality($3::text[]) = 0 OR h.kind = ANY($3::text[]))
"""


@cache
def _people() -> str:
    order = "h.division_code, h.number, h.id, m.relationship <> 'head', m.id"
    return f"SELECT h, m {_FROM} ORDER BY {order}"


def _values(division: str, kinds: Sequence[str]) -> tuple[Any, ...]:
    return (*area_range(division), list(kinds))
