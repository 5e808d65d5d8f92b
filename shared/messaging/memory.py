"""The bus inside one process, with the guarantees of a real one.

There is no disk here, so a message is in safe hands only when every subscriber has settled it: until then its
outbox row stays, a kill brings it back at the next start, and the inbox drops what had been handled.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager

from shared.messaging.transport import BusUnavailable, Delivery, Message


class _Confirmation:
    """Counts the deliveries, retries included, that keep a published message from being settled."""

    def __init__(self) -> None:
        self.settled = asyncio.get_running_loop().create_future()
        self._open = 0

    def hold(self) -> None:
        self._open += 1

    def release(self) -> None:
        self._open -= 1
        if not self._open and not self.settled.done():
            self.settled.set_result(None)


class _Queue:
    """One service's messages, and at most one receiver at a time, so that they stay in order."""

    def __init__(self) -> None:
        self.waiting: deque[Delivery] = deque()
        self.arrived = asyncio.Event()
        self.receiver = asyncio.Lock()

    def put(self, message: Message, confirmation: _Confirmation) -> None:
        confirmation.hold()
        self._append(Delivery(message, handle=confirmation))

    def put_later(self, delay: float, message: Message, confirmation: _Confirmation) -> None:
        confirmation.hold()
        delivery = Delivery(message, handle=confirmation)
        asyncio.get_running_loop().call_later(delay, self._append, delivery)

    def put_back(self, deliveries: Iterable[Delivery]) -> None:
        self.waiting.extendleft(reversed(list(deliveries)))
        self.arrived.set()

    def _append(self, delivery: Delivery) -> None:
        self.waiting.append(delivery)
        self.arrived.set()


class MemoryTransport:
    """All services of one process share this object."""

    def __init__(self) -> None:
        self._queues: dict[str, _Queue] = {}
        self._subscribers: dict[str, set[str]] = {}
        self._closed = asyncio.Event()

    def subscribe(self, service: str, types: Iterable[str]) -> None:
        """Say what a service listens to, before any relay runs."""
        self._queues.setdefault(service, _Queue())
        for event_type in types:
            self._subscribers.setdefault(event_type, set()).add(service)

    async def open(self) -> None:
        """Nothing to be made lasting."""

    async def publish(self, messages: Sequence[Message]) -> None:
        """Return once every subscriber has settled every message."""
        if self._closed.is_set():
            raise BusUnavailable
        confirmations = [self._enqueue(message) for message in messages]
        settled = asyncio.gather(*(each.settled for each in confirmations if each))
        closed = asyncio.create_task(self._closed.wait())
        try:
            await asyncio.wait((settled, closed), return_when=asyncio.FIRST_COMPLETED)
        finally:
            closed.cancel()
        if not settled.done():
            settled.cancel()
            raise BusUnavailable

    def _enqueue(self, message: Message) -> _Confirmation | None:
        services = self._subscribers.get(message.type)
        if not services:
            return None
        confirmation = _Confirmation()
        for service in sorted(services):
            self._queues[service].put(message, confirmation)
        return confirmation

    async def queued(self, service: str) -> int:
        """Count what is in the queue."""
        return len(self._queues[service].waiting)

    @asynccontextmanager
    async def receiving(self, service: str) -> AsyncIterator[_Receiver]:
        """Receive inside the block; a second receiver of the same service waits for the first to end."""
        queue = self._queues[service]
        async with queue.receiver:
            receiver = _Receiver(queue, self._closed)
            try:
                yield receiver
            finally:
                queue.put_back(receiver.unsettled)

    async def close(self) -> None:
        """End: publishers learn that their messages are not in safe hands."""
        self._closed.set()
        for queue in self._queues.values():
            queue.arrived.set()


class _Receiver:
    def __init__(self, queue: _Queue, closed: asyncio.Event) -> None:
        self._queue = queue
        self._closed = closed
        self.unsettled: list[Delivery] = []

    async def receive(self, *, messages: int, size: int) -> list[Delivery]:
        """Wait for the first, then take what is there."""
        waiting = self._queue.waiting
        while not waiting:
            self._queue.arrived.clear()
            await self._queue.arrived.wait()
            self._raise_if_closed()
        self._raise_if_closed()
        taken: list[Delivery] = []
        while waiting and len(taken) < messages and size > 0:
            taken.append(waiting.popleft())
            size -= len(taken[-1].message.body)
        self.unsettled += taken
        return taken

    async def retry(self, delivery: Delivery, message: Message, *, delay: float) -> None:
        """Keep the publisher waiting: a message is not settled before its retries are."""
        self._queue.put_later(delay, message, delivery.handle)

    async def acknowledge(self, deliveries: Sequence[Delivery]) -> None:
        """Tell the publishers."""
        self._raise_if_closed()
        for delivery in deliveries:
            delivery.handle.release()
        self.unsettled.clear()

    def _raise_if_closed(self) -> None:
        if self._closed.is_set():
            raise BusUnavailable
