"""Writing names in letters, some thousand at a time."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from functools import lru_cache
from uuid import UUID

from sqlalchemy import ARRAY, String, Uuid, bindparam, select, text
from sqlmodel import col

from services.household.households.model import Member
from shared.database import Writer
from shared.domain.pinyin import initials, pinyin

#: Member, household, village, name.
Named = tuple[UUID, UUID, str, str]

_WRITE = text(
    """
    INSERT INTO member_letters AS known (member_id, household_id, division_code, pinyin, initials)
    SELECT * FROM unnest(:members, :households, :divisions, :pinyins, :initials)
    ON CONFLICT (member_id) DO UPDATE SET household_id = excluded.household_id,
        division_code = excluded.division_code, pinyin = excluded.pinyin, initials = excluded.initials
    WHERE (known.household_id, known.division_code, known.pinyin)
        IS DISTINCT FROM (excluded.household_id, excluded.division_code, excluded.pinyin)
    """
).bindparams(
    *(bindparam(name, type_=ARRAY(Uuid())) for name in ("members", "households")),
    *(bindparam(name, type_=ARRAY(String())) for name in ("divisions", "pinyins", "initials")),
)


async def write_letters_of(db: Writer, household_ids: Collection[UUID]) -> None:
    """Enter or correct the letters of all people of these households, as the registry has them now.

    News of them may come late, or again years later: what it says of a name, or of whose it is to see, is not asked.
    """
    columns = (col(Member.id), col(Member.household_id), col(Member.division_code), col(Member.name))
    rows = await db.rows(select(*columns).where(col(Member.household_id).in_(household_ids)))
    await write_letters(db, [tuple(row) for row in rows])


async def write_letters(db: Writer, people: Iterable[Named]) -> None:
    """Enter or correct the letters of these people; nobody may come twice."""
    rows = [(*who, *letters_of(name)) for *who, name in people]
    if rows:
        names = ("members", "households", "divisions", "pinyins", "initials")
        await db.execute(_WRITE, dict(zip(names, map(list, zip(*rows, strict=True)), strict=True)))


@lru_cache(maxsize=100_000)
def letters_of(name: str) -> tuple[str, str]:
    """Return a name's pinyin and initials; a county's names are far fewer than its people."""
    return pinyin(name), initials(name)
