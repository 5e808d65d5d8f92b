"""The keys of members: made where members change, stored as keyed digests."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, Row, Uuid, any_, literal, or_, select, text
from sqlmodel import col

from services.household.households.model import Household, Member
from services.household.households.rules import AWAY
from shared.crypto.fields import ring
from shared.database import Reader, Writer
from shared.domain.matching import Facts, keys_of

_KIND = "match_key"
_BYTES = 8
#: Everybody whom these households ever had, those included whose entry was undone: history alone knows them.
EVER_OF = """
    SELECT id FROM member WHERE household_id = ANY(:households)
    UNION ALL SELECT row_id FROM history WHERE root_id = ANY(:households) AND table_name = 'member' AND deleted
"""
_DROP = text(
    f"""
    DELETE FROM match_key WHERE member_id IN ({EVER_OF})
        AND (key, member_id) NOT IN (SELECT * FROM unnest(CAST(:keys AS bigint[]), CAST(:members AS uuid[])))
    """  # noqa: S608 - a statement of our own inside another
)
# In order, so that two transactions with a key in common never wait for each other in a circle.
_ENTER = text(
    """
    INSERT INTO match_key (key, member_id)
    SELECT * FROM unnest(CAST(:keys AS bigint[]), CAST(:members AS uuid[])) ORDER BY 1, 2 ON CONFLICT DO NOTHING
    """
)
_COLUMNS: tuple[Any, ...] = (
    *(Member.id, Member.household_id, Member.division_code, Member.name, Member.birth_date, Member.sex),
    *(Member.identity_number, Member.number_index, Member.mobile_index, Household.phone_index),
)
_PRESENT = (
    select(*_COLUMNS)
    .join(Household, col(Household.id) == col(Member.household_id))
    # Who is away for a time belongs to the household still.
    .where(or_(col(Member.left_on).is_(None), col(Member.leave_reason).in_(AWAY)))
)

Person = Row[tuple[Any, ...]]


async def people_of(db: Reader, household_ids: Collection[UUID]) -> Sequence[Person]:
    """Return who belongs to these households."""
    return await db.rows(_PRESENT.where(_among(Member.household_id, household_ids)))


async def people(db: Reader, member_ids: Collection[UUID]) -> Sequence[Person]:
    """Return those of these people who belong to a household."""
    return await db.rows(_PRESENT.where(_among(Member.id, member_ids)))


def _among(column: Any, ids: Collection[UUID]) -> ColumnElement[bool]:
    """Compare with one array: a statement takes 32,767 parameters, and a block of people may be larger."""
    return col(column) == any_(literal(list(ids), ARRAY(Uuid)))


def facts_of(person: Person) -> Facts:
    """Return what the matcher weighs of a person."""
    return Facts(
        name=person.name,
        birth_date=person.birth_date,
        sex=person.sex,
        number=person.identity_number,
        division_code=person.division_code,
        household=person.household_id,
        phone_index=person.mobile_index or person.phone_index,
    )


async def keep_keys(
    db: Writer, household_ids: Collection[UUID], present: Sequence[Person]
) -> dict[str, list[Any]]:
    """Let these households' people have their keys, and no others; what stands already is not written.

    Returns the keys, and whose each of them is.
    """
    made = [(text_, person.id) for person in present for text_ in keys_of(facts_of(person))]
    digests = ring().blind_index_many((each for each, _ in made), _KIND)
    held: dict[str, list[Any]] = {
        "keys": [int.from_bytes(digest[:_BYTES], signed=True) for digest in digests],
        "members": [member_id for _, member_id in made],
    }
    await db.execute(_DROP, {"households": list(household_ids), **held})
    await db.execute(_ENTER, held)
    return held
