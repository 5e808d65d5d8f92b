"""What only RabbitMQ can do to us: restart, cut connections, give up on a message, and be down at the start."""

from __future__ import annotations

import asyncio
from pathlib import Path

import aio_pika
import pytest

from deploy.local.rabbitmq import PrivateRabbitMQ
from shared.contracts.household import HouseholdChanged
from shared.messaging import dead, topology
from shared.messaging.names import EXCHANGE
from shared.messaging.rabbitmq import RabbitTransport
from tests.shared.messaging.conftest import RabbitBus
from tests.shared.messaging.station import Station, division, eventually, mark

_on_rabbitmq = pytest.mark.parametrize("bus", ["amqp"], indirect=True)


async def test_a_broker_that_restarts_loses_and_doubles_nothing(station: Station, tmp_path: Path) -> None:
    told = [division(number) for number in range(200)]
    async with PrivateRabbitMQ(tmp_path) as node, station.working(RabbitBus(node.url)):
        restarting = asyncio.create_task(asyncio.to_thread(node.restart))
        for event in told:
            await station.tell(event)
            await asyncio.sleep(0.01)
        await restarting
        await eventually(lambda: station.has_settled(len(told)), station.handled, within=40)
    assert sorted(await station.handled()) == [mark(event) for event in told]


@_on_rabbitmq
async def test_cut_connections_are_opened_again(
    bus: RabbitBus, station: Station, rabbitmq: PrivateRabbitMQ
) -> None:
    async with station.working(bus):
        await station.tell(division(1))
        await station.handles([mark(division(1))])
        vhost = bus.url.rpartition("/")[2]
        await asyncio.to_thread(rabbitmq.control, "close_all_connections", "--vhost", vhost, "test")
        await station.tell(division(2))
        await station.handles([mark(division(1)), mark(division(2))])


async def test_a_worker_that_starts_before_the_broker_waits_for_it(station: Station, tmp_path: Path) -> None:
    node = PrivateRabbitMQ(tmp_path)
    node.start()
    node.stop()
    transport = RabbitTransport(node.url)
    async with station.relaying(transport), station.consuming(transport):
        await station.tell(division(1))
        await asyncio.sleep(0.5)
        await asyncio.to_thread(node.start)
        await station.handles([mark(division(1))])
    await transport.close()
    node.destroy()


@_on_rabbitmq
async def test_a_message_that_kills_its_receiver_ends_as_dead(bus: RabbitBus, station: Station) -> None:
    async with station.working(bus):
        pass
    transport = bus.connect()
    transport.subscribe(station.name, station.reactions.types)
    await station.tell(division(1), division(2))
    async with station.relaying(transport):
        for _ in range(topology.DELIVERY_LIMIT + 1):
            async with transport.receiving(station.name) as receiver:
                await receiver.receive(messages=1, size=1)
    async with station.consuming(transport):
        await eventually(lambda: station.has_dead(2))
    assert {event.reason for event in await dead.list_dead(station.database)} == {
        "the process died each time it was handled"
    }
    assert await station.handled() == []
    await transport.close()


@_on_rabbitmq
async def test_suspects_are_handled_one_by_one(bus: RabbitBus, station: Station) -> None:
    """One of them kills the process; those before it must not be rolled back with it for ever."""
    transport = bus.connect()
    transport.subscribe(station.name, station.reactions.types)
    await transport.open()
    await station.tell(division(1), division(2), division(3))
    async with station.relaying(transport):
        for _ in range(3):
            async with transport.receiving(station.name) as receiver:
                await receiver.receive(messages=1, size=1)
        async with station.consuming(transport):
            await station.handles([mark(division(number)) for number in (1, 2, 3)])
    assert station.batches == [1, 1, 1]
    await transport.close()


@_on_rabbitmq
async def test_a_type_no_longer_listened_to_is_unbound(bus: RabbitBus, station: Station) -> None:
    before = bus.connect()
    before.subscribe(station.name, {HouseholdChanged.event_type})
    await before.open()
    async with station.working(bus):
        await station.tell(division(1))
        await station.handles([mark(division(1))])
        async with await aio_pika.connect(bus.url) as connection:
            exchange = await (await connection.channel(on_return_raises=True)).get_exchange(EXCHANGE)
            with pytest.raises(aio_pika.exceptions.PublishError):
                await exchange.publish(aio_pika.Message(b"[]"), HouseholdChanged.event_type, mandatory=True)
