"""Questions about corrections."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from sqlalchemy.dialects.postgresql import distinct_on
from sqlmodel import col, select

from services.inspection.corrections.model import Correction
from shared.database import Reader


async def corrections_of(db: Reader, visit_ids: Collection[UUID]) -> dict[UUID, list[Correction]]:
    """Return what some visits found to be otherwise, by visit."""
    found: dict[UUID, list[Correction]] = {key: [] for key in visit_ids}
    wanted = select(Correction).where(col(Correction.visit_id).in_(found)).order_by(col(Correction.id))
    for each in await db.all(wanted):
        found[each.visit_id].append(each)
    return found


async def newest_corrections(db: Reader, household_id: UUID) -> list[Correction]:
    """Return the newest correction of each fact of a household and its people."""
    wanted = (
        select(Correction)
        .where(col(Correction.household_id) == household_id)
        .ext(distinct_on(col(Correction.member_id), col(Correction.field)))
        .order_by(col(Correction.member_id), col(Correction.field), col(Correction.id).desc())
    )
    return await db.all(wanted)
