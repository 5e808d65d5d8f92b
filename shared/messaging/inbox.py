"""The inbox: which events have been put to rest here, by being handled or by being stored as dead."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, bindparam, text

from shared.contracts.envelope import Contract, Event
from shared.database import Writer

# A row lock would miss the first delivery, when there is no row to lock. The unique key makes the second of two racing
# deliveries wait for the first, then claim nothing.
_CLAIM = text(
    "INSERT INTO inbox (event_id) SELECT unnest(:event_ids) ON CONFLICT DO NOTHING RETURNING event_id"
).bindparams(bindparam("event_ids", type_=ARRAY(Uuid())))

# The real clock, not the transaction's: a rehearsal may play last year.
_PRUNE = text("DELETE FROM inbox WHERE handled_at < now() - CAST(:keep AS interval)")


async def claim(db: Writer, event_ids: Sequence[UUID]) -> set[UUID]:
    """Return those of the events that nobody has put to rest yet; they are this transaction's now."""
    return {row.event_id for row in await db.rows(_CLAIM, {"event_ids": list(event_ids)})}


async def claim_events(db: Writer, events: Sequence[Event[Contract]]) -> list[Event[Contract]]:
    """Return the events that are new here, in order, each once."""
    claimed = await claim(db, [event.id for event in events])
    fresh: list[Event[Contract]] = []
    for event in events:
        if event.id in claimed:
            claimed.remove(event.id)
            fresh.append(event)
    return fresh


async def prune(db: Writer, *, keep: timedelta) -> int:
    """Forget events that were handled longer ago than any copy of them can still be on its way; return how many."""
    return (await db.execute(_PRUNE, {"keep": keep})).rowcount
