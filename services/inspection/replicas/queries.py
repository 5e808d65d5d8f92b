"""Questions to the replicas."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select
from sqlmodel import col

from services.inspection.replicas.model import Division
from shared.database import Reader


async def names_of(db: Reader, codes: Iterable[str]) -> dict[str, str]:
    """Return the names of divisions."""
    rows = await db.rows(
        select(col(Division.code), col(Division.name)).where(col(Division.code).in_(set(codes)))
    )
    return {row.code: row.name for row in rows}
