"""Nobody goes to another household or village while a batch is reckoned: whoever would waits until it has been."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from uuid import UUID

from sqlalchemy import text
from sqlmodel import col, select

from services.monitoring.replicas.model import HouseholdReplica
from shared.database import Reader, Writer
from shared.domain.division import county_of

_LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended('whereabouts ' || :county, 0))")


async def hold_whereabouts(db: Writer, divisions: Iterable[str]) -> None:
    """Let people and households of these counties be where they are until the transaction ends.

    Whoever reckons reads in several statements who somebody is now, and what is raised is seen by nobody until it is
    committed: a move in between would take along neither. Movers hold the households first, whoever reckons none.
    """
    for county in sorted({county_of(division) for division in divisions}):
        await db.execute(_LOCK, {"county": county})


async def divisions_of(db: Reader, household_ids: Collection[UUID]) -> list[str]:
    """Return where the households that are known belong."""
    homes = select(HouseholdReplica.division_code).where(col(HouseholdReplica.id).in_(household_ids))
    return await db.all(homes.distinct())
