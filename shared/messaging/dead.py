"""Dead events: put aside with the reason, after their last attempt or since the bus does not take them.

A person sees them, and has them handled or sent again, or gives them up.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import (
    Boolean,
    Column,
    DateTime,
    Integer,
    MetaData,
    Table,
    Text,
    Uuid,
    delete,
    insert,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB

from shared.contracts.envelope import Contract, Event, parse_event
from shared.database import Database, Writer
from shared.identity.principal import system
from shared.messaging.inbox import claim
from shared.messaging.outage import is_outage
from shared.messaging.outbox import outbox
from shared.messaging.reactions import Reactions
from shared.messaging.reasons import reason_of
from shared.refusal import NotFound, Refusal

dead_event = Table(
    "dead_event",
    MetaData(),
    Column("event_id", Uuid, primary_key=True),
    Column("type", Text, nullable=False),
    Column("subject", Text, nullable=False),
    #: The CloudEvent as it came.
    Column("body", JSONB, nullable=False),
    Column("reason", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("died_at", DateTime(timezone=True), nullable=False),
    #: True for what the service told and the bus did not take, false for what came here.
    Column("unsent", Boolean, nullable=False),
)


@dataclass(frozen=True, slots=True)
class Corpse:
    """An event on its way into the table."""

    event_id: UUID
    type: str
    subject: str
    body: Mapping[str, Any]
    reason: str
    attempts: int


@dataclass(frozen=True, slots=True)
class DeadEvent(Corpse):
    """An event in the table; one that is unsent has reached nobody yet."""

    died_at: datetime
    unsent: bool


class NobodyReacts(Refusal):
    """Nothing here reacts to events of this type."""

    code = "nobody_reacts"
    zh = "没有处理此类事件的程序"


async def bury(db: Writer, corpses: Sequence[Corpse]) -> list[Corpse]:
    """Store events as dead, and return those that were not at rest already.

    A dead event is claimed in the inbox like a handled one: copies of it that still travel are dropped, and the
    row here is the one place from which it can come back.
    """
    claimed = await claim(db, [corpse.event_id for corpse in corpses])
    # By id: copies of one event may die side by side.
    new = {corpse.event_id: corpse for corpse in corpses if corpse.event_id in claimed}
    if new:
        await db.execute(insert(dead_event), [_row(corpse, db.now) for corpse in new.values()])
    return list(new.values())


async def list_dead(database: Database) -> list[DeadEvent]:
    """Return all dead events of a service, oldest first."""
    async with database.reading(system(database.service)) as db:
        found = await db.rows(select(dead_event).order_by(dead_event.c.died_at, dead_event.c.event_id))
    return [_dead(row) for row in found]


async def show_dead(database: Database, event_id: UUID) -> DeadEvent:
    """Return one dead event, or refuse with ``NotFound``."""
    async with database.reading(system(database.service)) as db:
        found = await db.rows(select(dead_event).where(dead_event.c.event_id == event_id))
    if not found:
        raise NotFound
    return _dead(found[0])


async def replay(database: Database, reactions: Reactions, event_id: UUID) -> str | None:
    """Handle a dead event again, or put an unsent one into the outbox; return None, or the reason why it stays dead."""
    corpse = await show_dead(database, event_id)
    try:
        async with database.writing(system(database.service), reason="replay") as db:
            # Deleting first: the row's lock lets one of two replays through, and the other finds it done.
            gone = await db.execute(delete(dead_event).where(dead_event.c.event_id == event_id))
            if gone.rowcount and corpse.unsent:
                await _send_again(db, corpse)
            elif gone.rowcount:
                await reactions.run(db, [_event(corpse, reactions)])
    except Exception as error:
        if is_outage(error):
            raise
        reason = reason_of(error)
        await _keep(database, corpse, reason)
        return reason
    return None


async def drop(database: Database, event_ids: Sequence[UUID]) -> int:
    """Give dead events up for good; return how many there were."""
    async with database.writing(system(database.service), reason="drop") as db:
        return (await db.execute(delete(dead_event).where(dead_event.c.event_id.in_(event_ids)))).rowcount


async def _send_again(db: Writer, corpse: DeadEvent) -> None:
    """Let the relay try: the bus knows best what it takes now, and what it refuses comes back here."""
    message = {
        "type": corpse.type,
        "events": 1,
        "body": orjson.dumps([corpse.body]),
        "stored_at": db.now,
    }
    await db.execute(insert(outbox), message)


def _event(corpse: Corpse, reactions: Reactions) -> Event[Contract]:
    event = parse_event(dict(corpse.body))
    if event is None or event.type not in reactions.types:
        raise NobodyReacts(corpse.type)
    return event


async def _keep(database: Database, corpse: Corpse, reason: str) -> None:
    async with database.writing(system(database.service), reason="replay") as db:
        await db.execute(
            update(dead_event)
            .where(dead_event.c.event_id == corpse.event_id)
            .values(reason=reason, attempts=corpse.attempts + 1, died_at=db.now)
        )


def _row(corpse: Corpse, now: datetime) -> dict[str, Any]:
    return {
        "event_id": corpse.event_id,
        "type": _text(corpse.type),
        "subject": _text(corpse.subject),
        "body": corpse.body,
        "reason": _text(corpse.reason),
        "attempts": corpse.attempts,
        "died_at": now,
        "unsent": False,
    }


def _text(words: str) -> str:
    """Return what PostgreSQL can keep: an event that could not even be buried would stop all that come after it."""
    return words.replace("\0", "\ufffd")


def _dead(row: Any) -> DeadEvent:
    return DeadEvent(
        row.event_id, row.type, row.subject, row.body, row.reason, row.attempts, row.died_at, row.unsent
    )
