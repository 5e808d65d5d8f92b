"""Transports that die at a chosen moment: the call never returns, as in a process that was killed there."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager

from shared.messaging.transport import Delivery, Message, Receiver, Transport


class Dying:
    """Passes everything on until the fatal moment."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self.died = asyncio.Event()

    def subscribe(self, service: str, types: Iterable[str]) -> None:
        self._transport.subscribe(service, types)

    async def open(self) -> None:
        await self._transport.open()

    async def publish(self, messages: Sequence[Message]) -> None:
        await self._transport.publish(messages)

    async def queued(self, service: str) -> int:
        return await self._transport.queued(service)

    @asynccontextmanager
    async def receiving(self, service: str) -> AsyncIterator[Receiver]:
        async with self._transport.receiving(service) as receiver:
            yield receiver

    async def close(self) -> None:
        await self._transport.close()

    async def die(self) -> None:
        self.died.set()
        await asyncio.Event().wait()


class DyingAfterConfirm(Dying):
    """Dies when the bus has confirmed, before the relay hears of it."""

    async def publish(self, messages: Sequence[Message]) -> None:
        await super().publish(messages)
        await self.die()


class DyingBeforeAcknowledgement(Dying):
    """Dies when a micro-batch has been committed, before it is acknowledged."""

    @asynccontextmanager
    async def receiving(self, service: str) -> AsyncIterator[Receiver]:
        async with super().receiving(service) as receiver:
            yield _Mute(receiver, self)


class _Mute:
    def __init__(self, receiver: Receiver, process: Dying) -> None:
        self._receiver = receiver
        self._process = process

    async def receive(self, *, messages: int, size: int) -> list[Delivery]:
        return await self._receiver.receive(messages=messages, size=size)

    async def retry(self, delivery: Delivery, message: Message, *, delay: float) -> None:
        await self._receiver.retry(delivery, message, delay=delay)

    async def acknowledge(self, deliveries: Sequence[Delivery]) -> None:  # noqa: ARG002 - never comes to it
        await self._process.die()
