"""A service for the tests of the bus: it tells of divisions, and writes down what it is told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from typing import Any, Protocol

import asyncpg
from sqlalchemy import text

from shared.contracts.envelope import Event
from shared.contracts.household import DivisionChanged, DivisionState
from shared.database import Database, Writer
from shared.identity.principal import system
from shared.messaging.consumer import Consumer, consuming
from shared.messaging.reactions import Reactions
from shared.messaging.relay import Relay, relaying
from shared.messaging.transport import Transport
from tests.infrastructure.databases import ServiceDatabase

_TABLES = """
CREATE TABLE handled (turn bigint GENERATED ALWAYS AS IDENTITY, code text, sequence integer);
CREATE TABLE division (code text PRIMARY KEY, name text, sequence integer);
"""
_WRITE_DOWN = text("INSERT INTO handled (code, sequence) VALUES (:code, :sequence)")
_PROJECT = text(
    "INSERT INTO division VALUES (:code, :name, :sequence) ON CONFLICT (code) DO UPDATE "
    "SET name = excluded.name, sequence = excluded.sequence WHERE division.sequence < excluded.sequence"
)


class Bus(Protocol):
    """Where processes meet."""

    def connect(self) -> Transport: ...


class Poisonous(Exception):  # noqa: N818
    """The reaction cannot handle this event."""


class Station:
    """One service on one bus, with a database of its own."""

    #: Seconds before the second and third attempt.
    delays: tuple[float, ...] = (0.2, 0.2)

    def __init__(self, name: str, database: Database, admin: asyncpg.Connection, admin_url: str) -> None:
        self.name = name
        self.database = database
        self.admin = admin
        self._admin_url = admin_url
        #: Names of divisions that the reaction fails on, and for how many attempts.
        self.poison: dict[str, int] = {}
        #: How often a transaction of the reaction failed.
        self.failures = 0
        #: Awaited inside the reaction, before it writes.
        self.meanwhile: Callable[[], Awaitable[Any]] | None = None
        self.batches: list[int] = []
        self.reactions = Reactions(name)
        self.reactions.on(DivisionChanged)(self._write_down)

    async def _write_down(self, db: Writer, events: Sequence[Event[DivisionState]]) -> None:
        if self.meanwhile:
            await self.meanwhile()
        for name in (event.data.name for event in events):
            if self.poison.get(name, 0) > 0:
                if len(events) == 1:
                    self.poison[name] -= 1
                self.failures += 1
                raise Poisonous(f"cannot handle {len(events)} events")
        rows = [
            {"code": event.data.code, "name": event.data.name, "sequence": event.sequence} for event in events
        ]
        await db.execute(_WRITE_DOWN, rows)
        await db.execute(_PROJECT, rows)
        self.batches.append(len(events))

    def writing(self) -> AbstractAsyncContextManager[Writer]:
        """Open a transaction."""
        return self.database.writing(system(self.name), reason="test")

    async def tell(self, *divisions: DivisionChanged) -> None:
        """Commit a change with these events."""
        async with self.writing() as db:
            db.record(*divisions)

    def relaying(self, transport: Transport) -> AbstractAsyncContextManager[None]:
        """Relay inside the block."""
        return relaying(Relay(self.database, transport))

    def consuming(self, transport: Transport) -> AbstractAsyncContextManager[None]:
        """Consume inside the block; leaving it is as sudden as a crash."""
        consumer = Consumer(self.database, self.reactions, transport, delays=self.delays, grace=0)
        return consuming(consumer)

    @property
    def _database_name(self) -> str:
        return str(self.database.engine.url.database)

    @asynccontextmanager
    async def working(self, bus: Bus) -> AsyncIterator[Transport]:
        """Be a worker inside the block."""
        transport = bus.connect()
        transport.subscribe(self.name, self.reactions.types)
        await transport.open()
        async with AsyncExitStack() as stack:
            stack.push_async_callback(transport.close)
            await stack.enter_async_context(self.relaying(transport))
            await stack.enter_async_context(self.consuming(transport))
            yield transport

    async def handled(self) -> list[tuple[str, int]]:
        """Return what was handled, in the order in which it was."""
        return [
            (row["code"], row["sequence"])
            for row in await self.admin.fetch("SELECT code, sequence FROM handled ORDER BY turn")
        ]

    async def handles(self, expected: Iterable[tuple[str, int]]) -> None:
        """Wait until exactly these were handled, in this order, and the outbox is empty."""
        wanted = list(expected)
        await eventually(lambda: self._is_done(wanted), self.handled)

    async def _is_done(self, wanted: list[tuple[str, int]]) -> bool:
        return await self.handled() == wanted and await self.pending() == 0

    async def has_settled(self, count: int) -> bool:
        return len(await self.handled()) == count and await self.pending() == 0

    async def pending(self) -> int:
        return int(await self.admin.fetchval("SELECT count(*) FROM outbox"))

    async def has_dead(self, count: int) -> bool:
        return len(await self.dead()) == count

    async def cut_database(self) -> None:
        """Close the service's connections and let it have no others."""
        await self._administrate(
            f'ALTER DATABASE "{self._database_name}" CONNECTION LIMIT 0',
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND application_name LIKE 'fangfan-%'",
        )

    async def mend_database(self) -> None:
        await self._administrate(f'ALTER DATABASE "{self._database_name}" CONNECTION LIMIT -1')

    async def _administrate(self, *statements: str) -> None:
        connection = await asyncpg.connect(self._admin_url)
        for statement in statements:
            await connection.execute(statement)
        await connection.close()

    async def dead(self) -> list[asyncpg.Record]:
        found: list[asyncpg.Record] = await self.admin.fetch("SELECT * FROM dead_event")
        return found


@asynccontextmanager
async def station_on(place: ServiceDatabase, name: str) -> AsyncIterator[Station]:
    """Open a station over a database."""
    admin = await asyncpg.connect(place.admin_url)
    owner = await asyncpg.connect(place.owner_url.replace("+asyncpg", ""))
    await owner.execute(_TABLES)
    await owner.close()
    database = Database(place.url, service=name, pool_size=3)
    try:
        yield Station(name, database, admin, place.admin_url)
    finally:
        await database.dispose()
        await admin.close()


def division(number: int, name: str = "", version: int = 1) -> DivisionChanged:
    """Return the event of one village."""
    return DivisionChanged(
        code=f"340621{number:06}", name=name or f"第{number}村", level="village", version=version
    )


def mark(event: DivisionChanged) -> tuple[str, int]:
    """Return what the station writes down of it."""
    return event.code, event.version


async def eventually(
    is_so: Callable[[], Awaitable[bool]],
    otherwise: Callable[[], Awaitable[Any]] | None = None,
    within: float = 20,
) -> None:
    """Wait until it is so."""
    deadline = asyncio.get_running_loop().time() + within
    while not await is_so():
        if asyncio.get_running_loop().time() > deadline:
            found = await otherwise() if otherwise else ""
            raise AssertionError(f"not so within {within} s: {found}")
        await asyncio.sleep(0.02)
