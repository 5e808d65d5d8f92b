"""What only the bus within a process has to care about: it has no disk."""

from __future__ import annotations

import asyncio

import pytest

from shared.messaging.memory import MemoryTransport
from shared.messaging.transport import BusUnavailable, Message

_NEWS = Message("news.v1", b"[]")


@pytest.fixture
def hub() -> MemoryTransport:
    hub = MemoryTransport()
    for service in ("one", "two"):
        hub.subscribe(service, {"news.v1"})
    return hub


async def settle(hub: MemoryTransport, service: str) -> int:
    """Settle what waits for a service; return how many messages that were."""
    async with hub.receiving(service) as receiver:
        deliveries = await receiver.receive(messages=10, size=1000)
        await receiver.acknowledge(deliveries)
    return len(deliveries)


async def test_a_message_is_confirmed_when_every_subscriber_has_settled_it(hub: MemoryTransport) -> None:
    publishing = asyncio.create_task(hub.publish([_NEWS, _NEWS]))
    await asyncio.sleep(0)
    assert await settle(hub, "one") == 2
    assert not publishing.done()
    assert await settle(hub, "two") == 2
    await publishing


async def test_what_nobody_listens_to_is_confirmed_at_once(hub: MemoryTransport) -> None:
    await hub.publish([Message("silence.v1", b"[]")])


async def test_a_retry_keeps_the_publisher_waiting(hub: MemoryTransport) -> None:
    publishing = asyncio.create_task(hub.publish([_NEWS]))
    await asyncio.sleep(0)
    await settle(hub, "two")
    async with hub.receiving("one") as receiver:
        [first] = await receiver.receive(messages=10, size=1000)
        await receiver.retry(first, Message("news.v1", b"[1]", attempts=1), delay=0.01)
        await receiver.acknowledge([first])
        [second] = await receiver.receive(messages=10, size=1000)
        assert second.message.attempts == 1
        assert not publishing.done()
        await receiver.acknowledge([second])
    await publishing


async def test_what_was_not_settled_comes_again_first(hub: MemoryTransport) -> None:
    publishing = asyncio.create_task(hub.publish([Message("news.v1", bytes([n])) for n in range(3)]))
    await asyncio.sleep(0)
    async with hub.receiving("one") as receiver:
        await receiver.receive(messages=2, size=1000)
    async with hub.receiving("one") as receiver:
        again = await receiver.receive(messages=10, size=1000)
    assert [delivery.message.body for delivery in again] == [b"\x00", b"\x01", b"\x02"]
    publishing.cancel()


async def test_a_hub_that_closes_confirms_nothing(hub: MemoryTransport) -> None:
    publishing = asyncio.create_task(hub.publish([_NEWS]))
    await asyncio.sleep(0)
    await settle(hub, "one")
    await hub.close()
    with pytest.raises(BusUnavailable):
        await publishing
    with pytest.raises(BusUnavailable):
        await hub.publish([_NEWS])
