"""The yardsticks for events: publishing with confirms, consuming, and an outbox that is polled; nothing on top."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

import aio_pika
import asyncpg
from aio_pika.abc import AbstractChannel, AbstractIncomingMessage, AbstractQueue

_QUEUE = "bare"
_BATCH = 500
_PREFETCH = 256
_ACK_EVERY = 100
_POLL_SECONDS = 0.05
TABLE = "CREATE TABLE waiting (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, body bytea NOT NULL)"
_NEXT = f"SELECT id, body FROM waiting ORDER BY id LIMIT {_BATCH}"  # noqa: S608 - a number


@asynccontextmanager
async def channel(url: str) -> AsyncIterator[tuple[AbstractChannel, AbstractQueue]]:
    """Open a channel of its own and the queue: durable, quorum, as ours are."""
    connection = await aio_pika.connect(url)
    async with connection:
        opened = await connection.channel()
        queue = await opened.declare_queue(_QUEUE, durable=True, arguments={"x-queue-type": "quorum"})
        yield opened, queue


async def publish(url: str, bodies: Sequence[bytes]) -> float:
    """Publish in confirmed batches; returns messages a second."""
    async with channel(url) as (opened, _):
        started = time.perf_counter()
        for start in range(0, len(bodies), _BATCH):
            await _confirmed(opened, bodies[start : start + _BATCH])
        return len(bodies) / (time.perf_counter() - started)


async def consume(url: str, how_many: int) -> float:
    """Consume what waits, acknowledging a hundred at a time; returns messages a second."""
    async with channel(url) as (opened, queue):
        await opened.set_qos(prefetch_count=_PREFETCH)
        done, seen = asyncio.Event(), 0

        async def take(message: AbstractIncomingMessage) -> None:
            nonlocal seen
            seen += 1
            if seen % _ACK_EVERY == 0 or seen == how_many:
                await message.ack(multiple=True)
            if seen == how_many:
                done.set()

        started = time.perf_counter()
        await queue.consume(take)
        await done.wait()
        return how_many / (time.perf_counter() - started)


@asynccontextmanager
async def polling(url: str, database_url: str, heard: Callable[[bytes], None]) -> AsyncIterator[None]:
    """Carry rows of a table to a consumer, looking every 50 ms."""

    async def hear(message: AbstractIncomingMessage) -> None:
        heard(message.body)
        await message.ack()

    async with channel(url) as (publisher, _), channel(url) as (consumer, queue):
        await consumer.set_qos(prefetch_count=_PREFETCH)
        await queue.consume(hear)
        relay = asyncio.create_task(_poll(database_url, publisher))
        try:
            yield
        finally:
            relay.cancel()


async def _poll(database_url: str, publisher: AbstractChannel) -> None:
    connection = await asyncpg.connect(database_url)
    try:
        while True:
            rows = await connection.fetch(_NEXT)
            if rows:
                await _confirmed(publisher, [row["body"] for row in rows])
                await connection.execute(
                    "DELETE FROM waiting WHERE id = ANY($1::bigint[])", [row["id"] for row in rows]
                )
            else:
                await asyncio.sleep(_POLL_SECONDS)
    finally:
        await connection.close()


async def _confirmed(opened: AbstractChannel, bodies: Sequence[bytes]) -> None:
    messages = [aio_pika.Message(body, delivery_mode=aio_pika.DeliveryMode.PERSISTENT) for body in bodies]
    await asyncio.gather(*(opened.default_exchange.publish(message, _QUEUE) for message in messages))
