"""Both transports, and a station."""

from __future__ import annotations

from collections.abc import AsyncIterator
from uuid import uuid4

import aio_pika
import pytest

from shared.messaging import topology
from shared.messaging.memory import MemoryTransport
from shared.messaging.rabbitmq import RabbitTransport
from shared.messaging.transport import Transport
from tests.infrastructure.databases import DatabaseOf
from tests.shared.messaging.station import Bus, Station, station_on


class MemoryBus:
    """Each connection is a new process, which knows nothing of the one before."""

    def connect(self) -> Transport:
        return MemoryTransport()


class RabbitBus:
    """A virtual host that the tests of a module share, each with services of its own."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._known: list[RabbitTransport] = []

    def connect(self) -> Transport:
        self._known.append(RabbitTransport(self.url))
        return self._known[-1]

    async def forget(self) -> None:
        """Close what a test left open, and delete the queues of its services."""
        for transport in self._known:
            await transport.close()
        async with await aio_pika.connect(self.url) as connection:
            channel = await connection.channel()
            for service in {service for transport in self._known for service in transport._subscriptions}:
                await channel.queue_delete(topology.queue_name(service))
                await channel.queue_delete(topology.dead_queue_name(service))


@pytest.fixture(params=["memory", "amqp"])
async def bus(request: pytest.FixtureRequest) -> AsyncIterator[Bus]:
    if request.param == "memory":
        yield MemoryBus()
        return
    rabbit = RabbitBus(request.getfixturevalue("amqp_url"))
    yield rabbit
    await rabbit.forget()


@pytest.fixture
async def station(database_of: DatabaseOf) -> AsyncIterator[Station]:
    async with station_on(await database_of("messaging"), f"station-{uuid4().hex[:8]}") as station:
        yield station
