"""Buses that take no message above a size, which may change while they run."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Protocol

from deploy.local.rabbitmq import PrivateRabbitMQ
from shared.messaging.memory import MemoryTransport
from shared.messaging.transport import Message, MessagesTooLarge, Transport
from tests.shared.messaging.conftest import RabbitBus
from tests.shared.messaging.faults import Dying
from tests.shared.messaging.station import Bus

#: What RabbitMQ before version 4 takes unless told otherwise.
PLENTY = 128 * 1024**2


class LimitedBus(Bus, Protocol):
    """A bus whose limit can be set."""

    async def take_at_most(self, size: int) -> None: ...


class LimitedMemory:
    """The bus within a process would take everything: the limit is put in front of it."""

    def __init__(self) -> None:
        self.limit = PLENTY

    def connect(self) -> Transport:
        return _Narrow(MemoryTransport(), self)

    async def take_at_most(self, size: int) -> None:
        self.limit = size


class _Narrow(Dying):
    """Refuses what is too large, and never dies."""

    def __init__(self, transport: Transport, bus: LimitedMemory) -> None:
        super().__init__(transport)
        self._bus = bus

    async def publish(self, messages: Sequence[Message]) -> None:
        if large := [message for message in messages if len(message.body) > self._bus.limit]:
            raise MessagesTooLarge(large, f"more than {self._bus.limit} bytes")
        await super().publish(messages)


class LimitedRabbit(RabbitBus):
    """RabbitMQ's own limit; the node must be nobody else's."""

    def __init__(self, node: PrivateRabbitMQ) -> None:
        super().__init__(node.url)
        self._node = node

    async def take_at_most(self, size: int) -> None:
        # Version 3 reads the first at each message, version 4 the second.
        await asyncio.to_thread(
            self._node.control,
            "eval",
            f"application:set_env(rabbit, max_message_size, {size}), "
            f"persistent_term:put(max_message_size, {size}).",
        )
