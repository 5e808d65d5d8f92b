"""The bus over RabbitMQ: confirmed batches in, prefetched micro-batches out.

Connections do not mend themselves here: whoever publishes or receives learns that the bus is lost, backs off and
opens it anew, so there is one place (relay, consumer) that knows what has to be done again.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import aio_pika
from aio_pika.abc import AbstractChannel, AbstractConnection
from aiormq.abc import AbstractChannel as RawChannel, DeliveredMessage
from aiormq.exceptions import AMQPError, ChannelInvalidStateError, ChannelPreconditionFailed, ConnectionClosed
from pamqp.commands import Basic

from shared.messaging import topology
from shared.messaging.names import CONTENT_TYPE, EXCHANGE
from shared.messaging.transport import BusUnavailable, Delivery, Message, MessagesTooLarge

_DEFAULT_EXCHANGE = ""
_PERSISTENT = 2
_CONNECT_SECONDS = 10
_HEARTBEAT_SECONDS = 20
#: A broker that is short of memory or disk takes messages but confirms nothing.
_CONFIRM_SECONDS = 60
#: How a broker ends it when something is wrong with what it was sent. Who publishes on into a channel that is just
#: being closed loses the connection, too.
_ENDED_BY_BROKER = (ChannelPreconditionFailed, ConnectionClosed)
#: Of no queue: the broker looks at a message's size before it looks for whoever wants it.
_NOWHERE = "fangfan.nowhere"
#: Deliveries under way: two micro-batches, so that one is here while the other is being handled.
PREFETCH = 128


class RabbitTransport:
    """A bus at an ``amqp://`` URL.

    Publishing and receiving have connections of their own, because RabbitMQ brakes those that publish.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._subscriptions: dict[str, set[str]] = {}
        self._opening = asyncio.Lock()
        self._connection: AbstractConnection | None = None
        self._channel: RawChannel | None = None
        #: Batches that wait for their confirms on this channel.
        self._under_way = 0

    def subscribe(self, service: str, types: Iterable[str]) -> None:
        """Say what a service listens to; declared when a connection opens."""
        self._subscriptions.setdefault(service, set()).update(types)

    async def open(self) -> None:
        """Declare the queues and bindings of all subscribed services."""
        with _losing_the_bus():
            await self._publishing()

    async def publish(self, messages: Sequence[Message]) -> None:
        """Publish all at once and wait for all confirms: one round trip a batch, not one a message."""
        with _losing_the_bus():
            channel = await self._publishing()
            self._under_way += 1
            try:
                async with asyncio.timeout(_CONFIRM_SECONDS):
                    confirms = [_publish(channel, EXCHANGE, message.type, message) for message in messages]
                    outcomes = await asyncio.gather(*confirms, return_exceptions=True)
                failures = [outcome for outcome in outcomes if isinstance(outcome, BaseException)]
                # Still under way: no other batch goes out while it is asked what was wrong with this one.
                if any(isinstance(failure, _ENDED_BY_BROKER) for failure in failures):
                    await _raise_if_too_large(self._url, messages)
                if failures:
                    raise failures[0]
            finally:
                self._under_way -= 1

    async def _publishing(self) -> RawChannel:
        async with self._opening:
            if self._channel is None or self._channel.is_closed:
                if self._under_way:
                    # On a new channel this batch would overtake those that are failing on the old one.
                    raise BusUnavailable("lost with batches under way")
                await self._disconnect()
                self._connection = await _connect(self._url, "publisher")
                channel = await self._connection.channel()
                await topology.declare_exchange(channel)
                # Whoever publishes first must not find that nobody listens yet.
                for service, types in self._subscriptions.items():
                    await topology.declare_service(channel, service, types)
                self._channel = await channel.get_underlay_channel()
            return self._channel

    async def queued(self, service: str) -> int:
        """Ask the broker, on a channel of its own: one that asks for what is not there is closed."""
        with _losing_the_bus():
            await self._publishing()
            if self._connection is None:
                raise BusUnavailable
            async with self._connection.channel() as channel:
                queue = await channel.declare_queue(topology.queue_name(service), passive=True)
                return queue.declaration_result.message_count or 0

    @asynccontextmanager
    async def receiving(self, service: str) -> AsyncIterator[_Receiver]:
        """Declare the service's queues and consume them; a standby consumes too, and is given nothing."""
        with _losing_the_bus():
            connection = await _connect(self._url, service)
        try:
            with _losing_the_bus():
                channel = await connection.channel(on_return_raises=True)
                receiver = await self._consume(channel, service)
            yield receiver
        finally:
            await connection.close()

    async def _consume(self, channel: AbstractChannel, service: str) -> _Receiver:
        await channel.set_qos(prefetch_count=PREFETCH)
        await topology.declare_service(channel, service, self._subscriptions[service])
        receiver = _Receiver(self._url, service, channel, await channel.get_underlay_channel())
        await receiver.start()
        return receiver

    async def _disconnect(self) -> None:
        if self._connection is not None:
            await self._connection.close()
        self._connection = self._channel = None

    async def close(self) -> None:
        """Close the publisher's connection; receivers close their own."""
        await self._disconnect()


class _Receiver:
    """One consumer on the protocol's own channel: what the library wraps around each message costs as much again."""

    def __init__(self, url: str, service: str, channel: AbstractChannel, raw: RawChannel) -> None:
        self._url = url
        self._service = service
        self._channel = channel
        self._raw = raw
        self._arrived: asyncio.Queue[Delivery | None] = asyncio.Queue()
        self._retry_queues: set[str] = set()
        channel.close_callbacks.add(lambda *_: self._arrived.put_nowait(None))

    async def start(self) -> None:
        """Have the broker deliver."""
        await self._raw.basic_consume(topology.dead_queue_name(self._service), self._take_exhausted)
        await self._raw.basic_consume(topology.queue_name(self._service), self._take)

    async def _take(self, incoming: DeliveredMessage) -> None:
        self._arrived.put_nowait(_delivery(incoming))

    async def _take_exhausted(self, incoming: DeliveredMessage) -> None:
        self._arrived.put_nowait(_delivery(incoming, exhausted=True))

    async def receive(self, *, messages: int, size: int) -> list[Delivery]:
        """Wait for the first, then take what has been prefetched."""
        taken = [self._known(await self._arrived.get())]
        size -= len(taken[0].message.body)
        while size > 0 and len(taken) < messages and not self._arrived.empty():
            taken.append(self._known(self._arrived.get_nowait()))
            size -= len(taken[-1].message.body)
        return taken

    async def retry(self, delivery: Delivery, message: Message, *, delay: float) -> None:  # noqa: ARG002 - the copy is on disk
        """Copy the message into a queue that hands it back in time; confirmed before the original is settled."""
        name = topology.retry_queue_name(self._service, delay)
        with _losing_the_bus():
            if name not in self._retry_queues:
                await topology.declare_retry_queue(self._channel, self._service, delay)
                self._retry_queues.add(name)
            try:
                async with asyncio.timeout(_CONFIRM_SECONDS):
                    # Mandatory: should somebody have deleted that queue, the original must not be settled.
                    await _publish(self._raw, _DEFAULT_EXCHANGE, name, message, mandatory=True)
            except _ENDED_BY_BROKER:
                await _raise_if_too_large(self._url, [message])
                raise

    async def acknowledge(self, deliveries: Sequence[Delivery]) -> None:
        """One frame for all: everything up to the last has been handled."""
        with _losing_the_bus():
            await self._raw.basic_ack(deliveries[-1].handle, multiple=True)

    def _known(self, delivery: Delivery | None) -> Delivery:
        if delivery is None:
            self._arrived.put_nowait(None)
            raise BusUnavailable
        return delivery


async def _connect(url: str, purpose: str) -> AbstractConnection:
    return await aio_pika.connect(
        url, timeout=_CONNECT_SECONDS, name=f"fangfan-{purpose}", heartbeat=_HEARTBEAT_SECONDS
    )


@contextmanager
def _losing_the_bus() -> Iterator[None]:
    """Whatever the client library raises means one thing above: the bus is lost, begin again."""
    try:
        yield
    except BusUnavailable:
        raise
    except (AMQPError, ChannelInvalidStateError, OSError) as error:
        raise BusUnavailable(f"{type(error).__name__}: {error}") from error


async def _publish(
    channel: RawChannel, exchange: str, routing_key: str, message: Message, *, mandatory: bool = False
) -> None:
    """Return once the broker has confirmed; raise where it refuses."""
    properties = Basic.Properties(
        content_type=CONTENT_TYPE,
        message_type=message.type,
        headers={"attempts": message.attempts} if message.attempts else None,
        delivery_mode=_PERSISTENT,
    )
    await channel.basic_publish(
        message.body, exchange=exchange, routing_key=routing_key, properties=properties, mandatory=mandatory
    )


async def _raise_if_too_large(url: str, messages: Sequence[Message]) -> None:
    """Find out, of messages that the broker ended a channel or a connection at, which are larger than it takes.

    It does not say at which, and may have had quite other reasons: it is being stopped, or the messages of another
    service, which shares the channel, are too large. So each suspect is shown to it once more, alone, addressed to
    nobody; only what is refused there is too large.
    """
    by_size = sorted(messages, key=lambda message: len(message.body))
    taken, refused, reason = 0, len(by_size), ""
    async with await _connect(url, "sizes") as connection:
        while taken < refused:
            middle = (taken + refused) // 2
            channel = await (await connection.channel()).get_underlay_channel()
            try:
                async with asyncio.timeout(_CONFIRM_SECONDS):
                    await _publish(channel, _DEFAULT_EXCHANGE, _NOWHERE, by_size[middle])
                taken = middle + 1
            except ChannelPreconditionFailed as error:
                refused, reason = middle, str(error)
    if reason:
        raise MessagesTooLarge(by_size[refused:], reason)


def _delivery(incoming: DeliveredMessage, *, exhausted: bool = False) -> Delivery:
    properties = incoming.header.properties
    headers = properties.headers or {}
    message = Message(
        properties.message_type or incoming.routing_key or "", incoming.body, _number(headers.get("attempts"))
    )
    return Delivery(
        message,
        redelivered=_number(headers.get("x-delivery-count")),
        exhausted=exhausted,
        handle=incoming.delivery_tag,
    )


def _number(header: Any) -> int:
    return header if isinstance(header, int) else 0
