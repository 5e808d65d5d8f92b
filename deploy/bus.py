"""The bus of an installation, made ready before anything runs."""

from __future__ import annotations

from deploy.catalog import NAMES, load
from shared.messaging.transport import transport_for


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
