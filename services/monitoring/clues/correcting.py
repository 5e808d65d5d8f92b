"""What was told of a household may have had other figures: a clue that nobody has settled says those of now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlmodel import col, select

from services.monitoring.clues.model import UNSETTLED, Clue
from services.monitoring.clues.rules import Arrival
from services.monitoring.replicas.queries import lock_households
from shared.database import Writer


async def correct(db: Writer, told: Mapping[UUID, Sequence[Arrival]]) -> None:
    """Let clues say anew what was told for them; what has its verdict keeps what it rests on.

    Locks the households: thousands belong into transactions of a few hundred each.
    """
    await lock_households(db, {arrival.household_id for arrivals in told.values() for arrival in arrivals})
    wanted = select(Clue).where(col(Clue.id).in_(told), col(Clue.status).in_(UNSETTLED))
    locked = wanted.order_by(col(Clue.id)).with_for_update().execution_options(populate_existing=True)
    for clue in await db.all(locked):
        for arrival in told[clue.id]:
            clue.correct(arrival)
    await db.flush()
