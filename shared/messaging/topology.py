"""What stands in RabbitMQ, declared by code at start. Works on 3.10 and on 4.

One topic exchange; a service has its queue, one retry queue per delay, which hands its messages back when their
time is up, and a dead queue for messages whose receivers crash again and again. All are quorum queues with
at-least-once dead-lettering: between two of them a message is copied before it is removed.
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet

from aio_pika.abc import AbstractChannel, AbstractExchange, AbstractQueue, ExchangeType
from pamqp.common import FieldTable

from shared.contracts.envelope import Contract
from shared.messaging.names import EXCHANGE

#: Deliveries without a settlement before a message is taken for one that kills its receivers.
DELIVERY_LIMIT = 20
# Nothing behind these queues: RabbitMQ 4 would drop what reaches its own limit.
_UNLIMITED = 1_000_000_000


def queue_name(service: str) -> str:
    """Return the name of a service's queue."""
    return f"fangfan.{service}"


def dead_queue_name(service: str) -> str:
    """Return the name of the queue with what the broker gave up on."""
    return f"{queue_name(service)}.dead"


def retry_queue_name(service: str, delay: float) -> str:
    """Return the name of the queue in which messages wait this many seconds."""
    # One queue a delay: within a queue a message expires only at its head.
    return f"{queue_name(service)}.retry.{delay * 1000:.0f}ms"


async def declare_exchange(channel: AbstractChannel) -> AbstractExchange:
    """Declare the exchange that all events pass."""
    return await channel.declare_exchange(EXCHANGE, ExchangeType.TOPIC, durable=True)


async def declare_service(channel: AbstractChannel, service: str, types: AbstractSet[str]) -> AbstractQueue:
    """Declare the exchange, the service's queues and exactly these bindings; return its queue."""
    exchange = await declare_exchange(channel)
    await declare_dead_queue(channel, service)
    queue = await channel.declare_queue(
        queue_name(service),
        durable=True,
        # One receiver at a time, whoever else stands by: events stay in order.
        arguments=_handing_over_to(dead_queue_name(service))
        | {"x-delivery-limit": DELIVERY_LIMIT, "x-single-active-consumer": True},
    )
    for event_type in sorted(types):
        await queue.bind(exchange, event_type)
    # What an earlier version listened to. AMQP cannot list bindings, but undoing one that is not there is no error.
    for event_type in sorted(Contract.registry.keys() - types):
        await queue.unbind(exchange, event_type)
    return queue


async def declare_dead_queue(channel: AbstractChannel, service: str) -> AbstractQueue:
    """Declare the service's dead queue."""
    return await channel.declare_queue(
        dead_queue_name(service),
        durable=True,
        arguments={"x-queue-type": "quorum", "x-delivery-limit": _UNLIMITED},
    )


async def declare_retry_queue(channel: AbstractChannel, service: str, delay: float) -> AbstractQueue:
    """Declare the queue in which the service's messages wait this many seconds."""
    return await channel.declare_queue(
        retry_queue_name(service, delay),
        durable=True,
        arguments=_handing_over_to(queue_name(service))
        | {"x-delivery-limit": _UNLIMITED, "x-message-ttl": round(delay * 1000)},
    )


def _handing_over_to(queue: str) -> FieldTable:
    return {
        "x-queue-type": "quorum",
        "x-dead-letter-exchange": "",
        "x-dead-letter-routing-key": queue,
        "x-dead-letter-strategy": "at-least-once",
        "x-overflow": "reject-publish",
    }
