"""What is published of the outbox's rows, and what becomes of those that are larger than the bus takes.

A message of several events is taken apart: from then on each of them travels alone, in its place. An event that is too
large by itself is set aside among the dead ones, so that those behind it go on, and may be sent again from there.
"""

from __future__ import annotations

from collections.abc import Sequence

import asyncpg
import orjson

from shared import clock
from shared.logging import log
from shared.messaging.metrics import DEAD
from shared.messaging.transport import Message, MessagesTooLarge

_SET_ASIDE = """
INSERT INTO dead_event (event_id, type, subject, body, reason, attempts, died_at, unsent)
SELECT (event ->> 'id')::uuid, event ->> 'type', event ->> 'subject', event, $2, 1, $3, true
FROM jsonb_array_elements($1::jsonb) event ON CONFLICT DO NOTHING
RETURNING event_id, type
"""
_KEEP = "UPDATE outbox SET body = $2, events = $3 WHERE id = $1"
_REMOVE = "DELETE FROM outbox WHERE id = $1"

_log = log(__name__)


class Outgoing:
    """The messages of one service's outbox."""

    def __init__(self, service: str) -> None:
        self._service = service
        #: Rows whose events travel alone. Whoever relays after us finds out again.
        self._apart: set[int] = set()

    def messages(self, row: asyncpg.Record) -> list[Message]:
        """Return what is published of a row, in order."""
        if row["id"] not in self._apart:
            return [Message(row["type"], row["body"])]
        return [Message(row["type"], orjson.dumps([event])) for event in orjson.loads(row["body"])]

    def confirmed(self, rows: Sequence[asyncpg.Record]) -> None:
        """Forget rows that the bus has."""
        self._apart.difference_update(row["id"] for row in rows)

    async def refused(
        self, connection: asyncpg.Connection, rows: Sequence[asyncpg.Record], refusal: MessagesTooLarge
    ) -> None:
        """Take apart, or set aside, what of a batch the bus did not take; the rest stays as it was."""
        bodies = {message.body for message in refusal.messages}
        for row in rows:
            messages = self.messages(row)
            too_large = [message for message in messages if message.body in bodies]
            if too_large and len(messages) < row["events"]:
                _log.warning(
                    "outbox.taken_apart", service=self._service, type=row["type"], reason=str(refusal)
                )
                self._apart.add(row["id"])
            elif too_large:
                kept = [message for message in messages if message.body not in bodies]
                await self._set_aside(connection, row["id"], too_large, kept, f"not sent: {refusal}")

    async def _set_aside(
        self,
        connection: asyncpg.Connection,
        row_id: int,
        too_large: Sequence[Message],
        kept: Sequence[Message],
        reason: str,
    ) -> None:
        async with connection.transaction():
            dead = await connection.fetch(_SET_ASIDE, _together(too_large).decode(), reason, clock.now())
            if kept:
                await connection.execute(_KEEP, row_id, _together(kept), len(kept))
            else:
                await connection.execute(_REMOVE, row_id)
        DEAD.labels(self._service).inc(len(dead))
        for event in dead:
            _log.error(
                "event.unsent",
                service=self._service,
                event_id=str(event["event_id"]),
                type=event["type"],
                reason=reason,
            )


def _together(alone: Sequence[Message]) -> bytes:
    """Return one body of the bodies of single events."""
    return orjson.dumps([event for message in alone for event in orjson.loads(message.body)])
