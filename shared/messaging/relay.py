"""The relay: publishes what the outbox holds, in order, and removes it only once the bus has confirmed.

One relay a service is active, by an advisory lock on its own connection; others stand by. It is woken by NOTIFY,
with a slow poll as safety net.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import datetime

import asyncpg

from shared.database import Database
from shared.messaging.lag import age
from shared.messaging.metrics import OLDEST, PENDING, PUBLISHED
from shared.messaging.outgoing import Outgoing
from shared.messaging.patience import Backoff
from shared.messaging.transport import BusUnavailable, MessagesTooLarge, Transport

_CHANNEL = "fangfan_outbox"
_LOCK = 0x72656C6179
_STANDBY_SECONDS = 1.0
_POLL_SECONDS = 2.0
_COUNT_SECONDS = 5.0
_STOP_SECONDS = 2.0
#: Batches under way at once: the next is read while the bus confirms the one before.
_FLIGHTS = 4

#: A batch: bounded by events too, since a message may hold 500 of them.
_BATCH_MESSAGES = 500
_BATCH_EVENTS = 2000

# Whatever is not under way is taken, not only what has a higher id than before: a transaction that took its id early
# may commit late.
_NEXT = """
SELECT id, type, events, body FROM (
    SELECT *, sum(events) OVER (ORDER BY id) - events AS before
    FROM (SELECT * FROM outbox WHERE id <> ALL($1::bigint[]) ORDER BY id LIMIT $2) head
) counted WHERE before < $3 ORDER BY id
"""
_DELETE = "DELETE FROM outbox WHERE id = ANY($1::bigint[])"

_WAITING = "SELECT count(*), (SELECT stored_at FROM outbox ORDER BY id LIMIT 1) FROM outbox"

_Flights = dict[asyncio.Task[None], Sequence[asyncpg.Record]]


class Relay:
    """Carries one service's events from its outbox to the bus."""

    def __init__(self, database: Database, transport: Transport) -> None:
        self._service = database.service
        self._transport = transport
        self._outgoing = Outgoing(database.service)
        self._url = database.url
        self._wake = asyncio.Event()
        #: Whether the outbox may hold what has not been read.
        self._more = True
        self._counted_at = 0.0
        self._oldest: datetime | None = None
        OLDEST.labels(self._service).set_function(lambda: age(self._oldest))
        self._bus_backoff = Backoff("relay.bus", service=self._service)
        self._database_backoff = Backoff("relay.database", service=self._service)

    async def run(self) -> None:
        """Relay until cancelled, through outages of the database and of the bus."""
        while True:
            try:
                await self._work()
            except Exception as error:  # noqa: BLE001 - whatever it is, events must flow again
                await self._database_backoff.pause(error)

    async def _work(self) -> None:
        connection = await asyncpg.connect(
            self._url,
            timeout=5,
            command_timeout=30,
            server_settings={"application_name": f"fangfan-{self._service}-relay"},
        )
        try:
            await self._lead(connection)
            self._more = True
            await self._relay(connection)
        finally:
            with suppress(Exception):
                await connection.close(timeout=1)

    async def _lead(self, connection: asyncpg.Connection) -> None:
        """Wait until no other relay of this service is active."""
        # Asking again and again: waiting inside PostgreSQL would hold a snapshot that keeps VACUUM from working.
        while not await connection.fetchval("SELECT pg_try_advisory_lock($1)", _LOCK):
            self._database_backoff.succeeded()
            await asyncio.sleep(_STANDBY_SECONDS)
        self._database_backoff.succeeded()

    async def _relay(self, connection: asyncpg.Connection) -> None:
        await connection.add_listener(_CHANNEL, self._look_again)
        connection.add_termination_listener(self._look_again)
        flights: _Flights = {}
        try:
            while True:
                while self._more and len(flights) < _FLIGHTS:
                    await self._next(connection, flights)
                await self._sleep()
                if _any_failed(flights):
                    # The outbox is read anew only once it is known of every batch whether the bus has it.
                    await asyncio.wait(flights)
                await self._land(connection, flights)
                # Where all flights are stuck, nothing is read any more.
                await self._count(connection, empty=False)
        finally:
            await self._give_up(connection, flights)

    async def _next(self, connection: asyncpg.Connection, flights: _Flights) -> None:
        """Send the next batch on its way, if there is one."""
        # Before reading: what is announced meanwhile is read in the next turn.
        self._more = False
        under_way = [row["id"] for rows in flights.values() for row in rows]
        rows = await connection.fetch(_NEXT, under_way, _BATCH_MESSAGES, _BATCH_EVENTS)
        if rows:
            events = sum(row["events"] for row in rows)
            self._more |= len(rows) == _BATCH_MESSAGES or events >= _BATCH_EVENTS
            flight = asyncio.create_task(self._fly(rows, earlier=list(flights)))
            flight.add_done_callback(self._wake_up)
            flights[flight] = rows
        await self._count(connection, empty=not rows and not under_way)

    async def _fly(self, rows: Sequence[asyncpg.Record], *, earlier: Sequence[asyncio.Task[None]]) -> None:
        # What failed is published again: a batch that went out meanwhile would have overtaken it.
        if _any_failed(earlier):
            raise BusUnavailable("an earlier batch failed")
        await self._transport.publish([message for row in rows for message in self._outgoing.messages(row)])

    async def _sleep(self) -> None:
        """Wait for news: an event stored, a batch confirmed, or nothing for a while."""
        try:
            # Not wait_for: in Python 3.11 it may forget a cancellation, and the relay would never stop.
            async with asyncio.timeout(_POLL_SECONDS):
                await self._wake.wait()
        except TimeoutError:
            self._more = True
        self._wake.clear()

    async def _land(self, connection: asyncpg.Connection, flights: _Flights) -> None:
        """Remove what the bus has confirmed, set aside what it refuses; the rest is read, and published, again."""
        landed = [flight for flight in flights if flight.done()]
        failure: BusUnavailable | None = None
        refusal: MessagesTooLarge | None = None
        confirmed: list[asyncpg.Record] = []
        for flight in landed:
            rows = flights.pop(flight)
            try:
                flight.result()
            except BusUnavailable as error:
                failure = error
            except MessagesTooLarge as error:
                refusal = error
                await self._outgoing.refused(connection, rows, refusal)
            else:
                confirmed += rows
        if confirmed:
            await connection.execute(_DELETE, [row["id"] for row in confirmed])
            PUBLISHED.labels(self._service).inc(sum(row["events"] for row in confirmed))
            self._outgoing.confirmed(confirmed)
        self._more |= bool(failure or refusal)
        # After a refusal there is no reason to wait: the bus is there, and the rest of the batch will go.
        if failure and not refusal:
            await self._bus_backoff.pause(failure)
        elif confirmed:
            self._bus_backoff.succeeded()

    async def _give_up(self, connection: asyncpg.Connection, flights: _Flights) -> None:
        """Spare the next relay what is about to be confirmed; publishing it twice would do no harm either."""
        if flights:
            await asyncio.wait(flights, timeout=_STOP_SECONDS)
            with suppress(Exception):
                await self._land(connection, flights)
        for flight in flights:
            flight.cancel()

    async def _count(self, connection: asyncpg.Connection, *, empty: bool) -> None:
        now = asyncio.get_running_loop().time()
        if empty:
            self._oldest = None
            PENDING.labels(self._service).set(0)
        elif now - self._counted_at > _COUNT_SECONDS:
            self._counted_at = now
            pending, self._oldest = await connection.fetchrow(_WAITING)
            PENDING.labels(self._service).set(pending)

    def _look_again(self, *_: object) -> None:
        self._more = True
        self._wake.set()

    def _wake_up(self, *_: object) -> None:
        self._wake.set()


def _any_failed(flights: Iterable[asyncio.Task[None]]) -> bool:
    return any(flight.done() and flight.exception() for flight in flights)


@asynccontextmanager
async def relaying(relay: Relay) -> AsyncIterator[None]:
    """Relay inside the block."""
    task = asyncio.create_task(relay.run())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
