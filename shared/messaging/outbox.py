"""The outbox: events wait here, in the transaction that caused them, until the relay has them confirmed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import itemgetter

import orjson
from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    Identity,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    insert,
)
from sqlalchemy.ext.asyncio import AsyncSession

from shared.contracts.envelope import BATCH_LIMIT, Contract, Event
from shared.keys import uuid7
from shared.refusal import Refusal
from shared.telemetry import current_traceparent

outbox = Table(
    "outbox",
    MetaData(),
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("type", Text, nullable=False),
    #: How many events the message holds.
    Column("events", Integer, nullable=False),
    #: A CloudEvents JSON batch.
    Column("body", LargeBinary, nullable=False),
    Column("stored_at", DateTime(timezone=True), nullable=False),
)


class EventTooLarge(Refusal):
    """What this would tell the other services is larger than the bus takes."""

    status = 422
    code = "event_too_large"
    zh = "该变更需通知其他系统的内容超过消息上限"


@dataclass(frozen=True)
class Outbox:
    """What a service tells, on its way into its outbox."""

    source: str
    #: Of a message: what the bus takes.
    most_bytes: int

    async def store(self, session: AsyncSession, contracts: Sequence[Contract], *, now: datetime) -> None:
        """Write events as messages, which neighbours of one type share; refuse with ``EventTooLarge``."""
        if not contracts:
            return
        events = _events(contracts, source=self.source, now=now)
        messages = [
            {
                "type": event_type,
                "events": len(batch),
                "body": b"[" + b",".join(batch) + b"]",
                "stored_at": now,
            }
            for event_type, run in groupby(events, key=itemgetter(0))
            for batch in _batches((body for _, body in run), event_type, self.most_bytes)
        ]
        await session.execute(insert(outbox), messages)


def _events(contracts: Sequence[Contract], *, source: str, now: datetime) -> Iterator[tuple[str, bytes]]:
    """Yield each event's type, and the event in JSON."""
    traceparent = current_traceparent()
    for contract in contracts:
        event = Event[Contract](
            id=uuid7(),
            source=source,
            type=contract.event_type,
            subject=contract.subject,
            time=now,
            sequence=contract.sequence,
            area=contract.area,
            traceparent=traceparent,
            data=contract,
        )
        yield event.type, orjson.dumps(event.model_dump(mode="json", serialize_as_any=True))


def _batches(events: Iterable[bytes], event_type: str, most_bytes: int) -> Iterator[list[bytes]]:
    """Yield the events of each message; refuse one that fits into none."""
    batch: list[bytes] = []
    # Each event takes a comma or the closing bracket with it, after the opening one.
    size = 1
    for event in events:
        if len(event) + 2 > most_bytes:
            raise EventTooLarge(f"{event_type}: {len(event) + 2} > {most_bytes} bytes")
        if batch and (len(batch) == BATCH_LIMIT or size + len(event) + 1 > most_bytes):
            yield batch
            batch, size = [], 1
        batch.append(event)
        size += len(event) + 1
    if batch:
        yield batch
