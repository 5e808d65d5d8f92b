"""The outbox: events wait here, in the transaction that caused them, until the relay has them confirmed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import groupby, islice

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


async def store(session: AsyncSession, contracts: Sequence[Contract], *, source: str, now: datetime) -> None:
    """Write events as messages: neighbours of one type share a message of at most ``BATCH_LIMIT``."""
    if not contracts:
        return
    traceparent = current_traceparent()
    messages = [
        {
            "type": batch[0].event_type,
            "events": len(batch),
            "body": _batch_body(batch, source=source, now=now, traceparent=traceparent),
            "stored_at": now,
        }
        for batch in _batches(contracts)
    ]
    await session.execute(insert(outbox), messages)


def _batches(contracts: Sequence[Contract]) -> Iterator[list[Contract]]:
    for _, run in groupby(contracts, key=lambda contract: contract.event_type):
        while batch := list(islice(run, BATCH_LIMIT)):
            yield batch


def _batch_body(batch: Sequence[Contract], *, source: str, now: datetime, traceparent: str | None) -> bytes:
    events = [
        Event[Contract](
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
        for contract in batch
    ]
    return orjson.dumps([event.model_dump(mode="json", serialize_as_any=True) for event in events])
