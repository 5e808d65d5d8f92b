"""What people decide of a pair."""

from __future__ import annotations

from uuid import UUID

from sqlmodel import col, select

from services.household.duplicates.errors import AlreadyDecided
from services.household.duplicates.model import UNDECIDED, PairState, ProbableDuplicate
from shared.database import Writer
from shared.jobs import enqueue


async def dismiss(db: Writer, pair_id: UUID, *, reason: str) -> ProbableDuplicate:
    """Say that they are two people: they are not asked about again, unless either gets another number."""
    pair = await locked_pair(db, pair_id)
    if pair.state not in UNDECIDED:
        raise AlreadyDecided
    decide(db, pair, PairState.NOT_DUPLICATE, reason)
    await db.flush()
    return pair


async def ask_for_scan(db: Writer, division: str) -> UUID:
    """Ask for a scan of a division; one that still waits is enough."""
    return await enqueue(
        db,
        "household.find_duplicates",
        {"division": division},
        division_code=division,
        once=f"find_duplicates:{division}",
    )


async def locked_pair(db: Writer, pair_id: UUID) -> ProbableDuplicate:
    """Return a pair that nobody else decides meanwhile."""
    return await db.one(
        select(ProbableDuplicate)
        .where(col(ProbableDuplicate.id) == pair_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )


def decide(db: Writer, pair: ProbableDuplicate, state: PairState, reason: str) -> None:
    """Note who decided what, when and why."""
    pair.state, pair.decision_reason = state, reason
    pair.decided_at, pair.decided_by = db.now, db.principal.name
