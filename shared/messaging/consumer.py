"""The consumer: takes deliveries in micro-batches, handles each event once in effect, and lets no event stop the rest.

One transaction claims the events in the inbox, runs the reactions and commits; then all deliveries are
acknowledged at once. Where that fails, halving the batch finds the events at fault in few transactions; those
come again alone, later, and die after their last attempt. A database that is down is nobody's fault: the batch
waits for it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

from shared.database import Database
from shared.identity.principal import system
from shared.logging import log
from shared.messaging.dead import Corpse, bury
from shared.messaging.deliveries import Received, read
from shared.messaging.inbox import claim_events
from shared.messaging.lag import Lag
from shared.messaging.metrics import DEAD, FAILED, HANDLED, HANDLING
from shared.messaging.outage import is_outage
from shared.messaging.patience import Backoff, finishing
from shared.messaging.reactions import Reactions
from shared.messaging.reasons import reason_of
from shared.messaging.transport import BusUnavailable, Delivery, MessagesTooLarge, Receiver, Transport
from shared.telemetry import tracing

#: Seconds before the second and each further attempt; an event dies when they are used up.
RETRY_DELAYS = (1.0, 5.0, 30.0, 120.0)
#: A micro-batch: what one transaction handles.
BATCH_MESSAGES = 64
BATCH_BYTES = 1024**2
#: From this redelivery on events are handled one by one: one of them may be what kills the process.
_SUSPECT = 3
#: How long deliveries are kept while the database is away; giving them back counts as a crash does.
_HOLDING_SECONDS = 60

_log = log(__name__)


@dataclass(frozen=True, slots=True)
class _Failure:
    received: Received
    error: Exception


class Consumer:
    """Feeds one service's reactions."""

    def __init__(
        self,
        database: Database,
        reactions: Reactions,
        transport: Transport,
        *,
        delays: Sequence[float] = RETRY_DELAYS,
        grace: float = 20,
    ) -> None:
        self._database = database
        self._reactions = reactions
        self._service = reactions.service
        self._transport = transport
        self._delays = delays
        self._grace = grace
        self._identity = system(self._service)
        self._lag = Lag(self._service, reactions.types)
        self._bus_backoff = Backoff("consumer.bus", service=self._service)
        self._database_backoff = Backoff("consumer.database", service=self._service)
        transport.subscribe(self._service, reactions.types)

    async def run(self) -> None:
        """Consume until cancelled; a micro-batch that was begun is finished first."""
        while True:
            try:
                async with self._transport.receiving(self._service) as receiver:
                    self._bus_backoff.succeeded()
                    self._lag.begin_anew()
                    await self._consume(receiver)
                await self._database_back()
            except Exception as error:  # noqa: BLE001 - whatever it is, the service must go on listening
                await self._bus_backoff.pause(error)

    async def _consume(self, receiver: Receiver) -> None:
        """Handle deliveries; return when the database is gone for long."""
        clock = asyncio.get_running_loop().time
        while True:
            deliveries = await receiver.receive(messages=BATCH_MESSAGES, size=BATCH_BYTES)
            patience = clock() + _HOLDING_SECONDS
            while not await self._settled(receiver, deliveries):
                if clock() > patience:
                    return

    async def _database_back(self) -> None:
        """Wait without holding deliveries: a broker takes them from whoever holds them for hours."""
        while True:
            try:
                await self._database.ping()
            except Exception as error:  # noqa: BLE001 - whatever it is, it is the database's
                await self._database_backoff.pause(error)
            else:
                return

    async def _settled(self, receiver: Receiver, deliveries: Sequence[Delivery]) -> bool:
        try:
            await finishing(self._settle(receiver, deliveries), grace=self._grace)
        except BusUnavailable:
            raise
        except Exception as error:  # noqa: BLE001 - without a settlement there is no going on
            if not is_outage(error):
                _log.error("consumer.stuck", service=self._service, reason=reason_of(error))
            await self._database_backoff.pause(error)
            return False
        self._database_backoff.succeeded()
        return True

    async def _settle(self, receiver: Receiver, deliveries: Sequence[Delivery]) -> None:
        reading = read(deliveries)
        self._lag.took(received.event for received in reading.received)
        suspect = any(delivery.redelivered >= _SUSPECT for delivery in deliveries)
        batches = [[each] for each in reading.received] if suspect else [reading.received]
        failures = [failure for batch in batches if batch for failure in await self._failing(batch)]
        last = [failure for failure in failures if failure.received.attempts >= len(self._delays)]
        await self._bury([*reading.corpses, *map(self._corpse, last)])
        later = [failure for failure in failures if failure not in last]
        for failure in later:
            await self._postpone(receiver, failure)
        await receiver.acknowledge(deliveries)
        self._lag.settled(failure.received.event for failure in later)

    async def _failing(self, batch: Sequence[Received]) -> list[_Failure]:
        """Handle all; return those that fail by themselves."""
        try:
            await self._handle(batch)
        except Exception as error:
            if is_outage(error):
                raise
            if len(batch) == 1:
                FAILED.labels(self._service).inc()
                return [_Failure(batch[0], error)]
            middle = len(batch) // 2
            return [*await self._failing(batch[:middle]), *await self._failing(batch[middle:])]
        return []

    async def _handle(self, batch: Sequence[Received]) -> None:
        events = [received.event for received in batch]
        # A batch may be of several traces; it goes on under the first, the only one where traffic is calm.
        with tracing("handle events", events[0].traceparent), HANDLING.labels(self._service).time():
            async with self._database.writing(self._identity, reason="event") as db:
                fresh = await claim_events(db, events)
                await self._reactions.run(db, fresh)
        HANDLED.labels(self._service).inc(len(fresh))
        self._lag.handled(fresh)

    async def _postpone(self, receiver: Receiver, failure: _Failure) -> None:
        received = failure.received
        delay = self._delays[received.attempts]
        self._tell("event.failed", failure, delay=delay)
        try:
            await receiver.retry(received.delivery, received.alone(), delay=delay)
        except MessagesTooLarge:
            # The bus took it once, and would take it no more: there is nowhere to wait for its next attempt.
            await self._bury([self._corpse(failure)])

    def _corpse(self, failure: _Failure) -> Corpse:
        return failure.received.corpse(reason_of(failure.error), failure.received.attempts + 1)

    async def _bury(self, corpses: Sequence[Corpse]) -> None:
        if not corpses:
            return
        async with self._database.writing(self._identity, reason="event") as db:
            buried = await bury(db, corpses)
        DEAD.labels(self._service).inc(len(buried))
        for corpse in buried:
            _log.error(
                "event.dead",
                service=self._service,
                event_id=str(corpse.event_id),
                type=corpse.type,
                reason=corpse.reason,
                attempts=corpse.attempts,
            )

    def _tell(self, what: str, failure: _Failure, **fields: float) -> None:
        event = failure.received.event
        with tracing("event failed", event.traceparent):
            _log.warning(
                what,
                service=self._service,
                event_id=str(event.id),
                type=event.type,
                attempts=failure.received.attempts + 1,
                reason=reason_of(failure.error),
                **fields,
            )


@asynccontextmanager
async def consuming(consumer: Consumer) -> AsyncIterator[None]:
    """Consume inside the block."""
    task = asyncio.create_task(consumer.run())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
