"""The bus of an installation: what carries it, and how it is made ready before anything runs."""

from __future__ import annotations

from urllib.parse import urlsplit

from deploy.catalog import NAMES, load
from shared.messaging.memory import MemoryTransport
from shared.messaging.rabbitmq import RabbitTransport
from shared.messaging.transport import Transport


def transport_for(url: str) -> Transport:
    """Return the transport that a bus URL names: ``amqp://…`` or ``memory://``.

    Services that share a memory bus share this one object.
    """
    match urlsplit(url).scheme:
        case "amqp" | "amqps":
            return RabbitTransport(url)
        case "memory":
            return MemoryTransport()
        case scheme:
            message = f"no transport for {scheme}://"
            raise ValueError(message)


async def declare_bus(bus_url: str) -> None:
    """Declare every service's queues and bindings.

    An event that is published before a service has ever listened does not reach it, and at the first start some
    worker is always the last to come up.
    """
    transport = transport_for(bus_url)
    for name in NAMES:
        transport.subscribe(name, load(name).reactions.types)
    await transport.open()
    await transport.close()
