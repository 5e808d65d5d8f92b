"""Questions about corrections."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import text
from sqlmodel import col, select

from services.household.corrections.model import Correction
from shared.database import Page, PageQuery, Reader, inside

# The book of natural changes names those who left, and who they are in the other household.
_WENT = text(
    """
    SELECT member.id AS asked, there.id AS member_id, there.household_id
    FROM member JOIN natural_change line ON line.household_id = member.household_id AND line.undone_at IS NULL
    CROSS JOIN LATERAL jsonb_array_elements(line.persons) person
    JOIN member there ON there.id = CAST(person ->> 'elsewhere' AS uuid)
    WHERE member.id = ANY(:ids) AND member.left_on IS NOT NULL
        AND person ->> 'part' = 'left' AND person ->> 'member_id' = CAST(member.id AS text)
    """
)


class Whereabouts(NamedTuple):
    """Who somebody is in the household that they live in now."""

    member_id: UUID
    household_id: UUID


async def whereabouts(db: Reader, member_ids: Collection[UUID]) -> dict[UUID, Whereabouts]:
    """Follow people who went over to another household, by a split, a merger or a transfer; who stayed is not told."""
    went = await db.rows(_WENT, {"ids": list(member_ids)})
    homes = {row.asked: Whereabouts(row.member_id, row.household_id) for row in went}
    if not homes:
        return {}
    further = await whereabouts(db, [home.member_id for home in homes.values()])
    return {asked: further.get(home.member_id, home) for asked, home in homes.items()}


async def page_of_corrections(
    db: Reader,
    page: PageQuery,
    *,
    status: str | None,
    division: str | None,
    household_id: UUID | None,
    source_id: UUID | None,
    withdrawn: bool | None,
) -> Page[Correction]:
    """Return corrections, the newest first."""
    wanted = select(Correction)
    if status:
        wanted = wanted.where(col(Correction.status) == status)
    if division:
        wanted = wanted.where(inside(Correction.division_code, division))
    if household_id:
        wanted = wanted.where(col(Correction.household_id) == household_id)
    if source_id:
        wanted = wanted.where(col(Correction.source_id) == source_id)
    if withdrawn is not None:
        back = col(Correction.withdrawn_at)
        wanted = wanted.where(back.is_not(None) if withdrawn else back.is_(None))
    return await db.page(wanted, order=[col(Correction.id)], page=page, newest_first=True)
