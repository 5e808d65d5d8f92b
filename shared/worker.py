"""The worker of a service: tells what happened, reacts to what others say, and keeps the bulk process alive."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from shared.assembly import Runtime
from shared.jobs.process import jobs_process
from shared.messaging.consumer import Consumer, consuming
from shared.messaging.relay import Relay, relaying
from shared.messaging.transport import Transport


@asynccontextmanager
async def working(runtime: Runtime, transport: Transport) -> AsyncIterator[None]:
    """Do a service's background work inside the block; leaving it finishes what was begun."""
    consumer = Consumer(
        runtime.database, runtime.service.reactions, transport, grace=runtime.common.drain_seconds
    )
    relay = Relay(runtime.database, transport)
    async with jobs_process(runtime), consuming(consumer), relaying(relay):
        yield
