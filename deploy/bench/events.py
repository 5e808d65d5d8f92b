"""Events: what the relay and the consumer carry beside a bare client, and how long one takes from command to reader."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import quantiles

import asyncpg
import orjson
from sqlalchemy import MetaData

from deploy.bench import bare_bus, teller
from deploy.bench.harness import Goal, Measured, Pairs
from deploy.bench.size import Size
from deploy.bench.stage import scratch_folder
from deploy.bus import transport_for
from deploy.local.postgres import EmbeddedPostgres
from deploy.local.rabbitmq import PrivateRabbitMQ
from deploy.provision import libpq_url, provision
from shared.contracts.envelope import Event
from shared.contracts.household import DivisionChanged, DivisionState
from shared.database import Database, Writer
from shared.database.migrating import migrate
from shared.identity.principal import system
from shared.keys import uuid7
from shared.messaging.consumer import Consumer, consuming
from shared.messaging.reactions import Reactions
from shared.messaging.relay import Relay, relaying
from shared.messaging.transport import Transport

_P50_MS = 10.0


@dataclass
class Bus:
    """A service that does nothing but tell and hear, on a database and a broker of its own."""

    database: Database
    owner: asyncpg.Connection
    url: str
    broker_url: str
    reactions: Reactions
    #: Moments of telling and of hearing.
    heard: list[tuple[float, float]]

    @property
    def owner_url(self) -> str:
        """Where the yardstick's table is."""
        return libpq_url(self.url)


async def measure_events(size: Size) -> list[Measured]:
    """Measure relay, consumer and the whole way."""
    async with _bus() as bus:
        ours_relay, bare_relay, ours_consume, bare_consume = [list[float]() for _ in range(4)]
        for _ in range(size.runs):
            bodies = await _fill(bus, size.events)
            bare_relay.append(await bare_bus.publish(bus.broker_url, bodies))
            bare_consume.append(await bare_bus.consume(bus.broker_url, len(bodies)))
            relay, consume = await _carry(bus, size.events)
            ours_relay.append(relay)
            ours_consume.append(consume)
        relayed, consumed = Pairs(ours_relay, bare_relay), Pairs(ours_consume, bare_consume)
        data = f"{size.events} events, each a message of its own; quorum queues, confirms, inbox"
        return [
            relayed.measured("events.relay", Goal(0.6), unit="messages/s", data=data),
            consumed.measured("events.consume", Goal(0.8), unit="messages/s", data=data),
            *await _latency(bus, size),
        ]


@asynccontextmanager
async def _bus() -> AsyncIterator[Bus]:
    with scratch_folder() as folder:
        async with EmbeddedPostgres(folder / "pg") as postgres, PrivateRabbitMQ(folder / "mq") as rabbitmq:
            urls = await provision(postgres.admin_url, ["bench"])
            owner_url = urls["FANGFAN_BENCH_OWNER_URL"]
            await migrate(_empty(folder), MetaData(), owner_url)
            owner = await asyncpg.connect(libpq_url(owner_url))
            await owner.execute(bare_bus.TABLE)
            reactions, heard = Reactions("bench"), list[tuple[float, float]]()

            @reactions.on(DivisionChanged)
            async def hear(_db: Writer, events: Sequence[Event[DivisionState]]) -> None:
                now = time.time()
                heard.extend((float(each.data.name), now) for each in events)

            url = urls["FANGFAN_BENCH_DATABASE_URL"]
            database = Database(url, service="bench")
            try:
                yield Bus(database, owner, url, rabbitmq.url, reactions, heard)
            finally:
                await owner.close()
                await database.dispose()


def _empty(folder: Path) -> Path:
    """Return a folder without migrations: the shared ones are all that this service needs."""
    nothing = folder / "migrations"
    nothing.mkdir()
    return nothing


async def _fill(bus: Bus, how_many: int) -> list[bytes]:
    """Put events into the outbox, each in a message of its own; returns their bodies."""
    async with bus.database.writing(system("bench")) as db:
        db.record(teller.event(0))
    template = await bus.owner.fetchrow("DELETE FROM outbox RETURNING type, events, body, stored_at")
    if template is None:
        raise RuntimeError("the outbox took nothing")
    known = orjson.loads(template["body"])[0]["id"].encode()
    # Each with an id of its own: the inbox would take no event twice.
    bodies = [template["body"].replace(known, str(uuid7()).encode()) for _ in range(how_many)]
    rows = [(template["type"], template["events"], body, template["stored_at"]) for body in bodies]
    async with bus.database.writing(system("bench")) as db:
        await db.copy_rows("outbox", ["type", "events", "body", "stored_at"], rows)
    return bodies


async def _carry(bus: Bus, how_many: int) -> tuple[float, float]:
    """Relay what is in the outbox, then consume it; returns messages a second of each."""
    async with _transport(bus) as transport:
        started = time.perf_counter()
        async with relaying(Relay(bus.database, transport)):
            while await bus.owner.fetchval("SELECT EXISTS (SELECT FROM outbox)"):
                await asyncio.sleep(0.01)
        relayed = how_many / (time.perf_counter() - started)
        bus.heard.clear()
        started = time.perf_counter()
        async with consuming(Consumer(bus.database, bus.reactions, transport)):
            while len(bus.heard) < how_many:
                await asyncio.sleep(0.01)
        return relayed, how_many / (time.perf_counter() - started)


async def _latency(bus: Bus, size: Size) -> list[Measured]:
    how_many = int(teller.PER_SECOND * size.seconds * 2)
    ours, theirs = [list[float]() for _ in range(2)], [list[float]() for _ in range(2)]
    for _ in range(size.runs):
        for figures, waits in ((ours, await _ours(bus, how_many)), (theirs, await _polled(bus, how_many))):
            cuts = quantiles(waits, n=100)
            figures[0].append(cuts[49])
            figures[1].append(cuts[98])
    data = f"{how_many} events at {teller.PER_SECOND}/s, from before the command's transaction to the reader"
    unit = "ms"
    return [
        Pairs(ours[0], theirs[0]).measured(
            "events.p50", Goal(_P50_MS, at_most=True), unit=unit, data=data, by=lambda mine, _: mine
        ),
        Pairs(ours[1], theirs[1]).measured("events.p99", Goal(0.5, at_most=True), unit=unit, data=data),
    ]


async def _ours(bus: Bus, how_many: int) -> list[float]:
    bus.heard.clear()
    async with _transport(bus) as transport:
        relay, consumer = Relay(bus.database, transport), Consumer(bus.database, bus.reactions, transport)
        async with relaying(relay), consuming(consumer):
            await asyncio.sleep(1)
            await teller.in_own_process("ours", bus.url, how_many)
            while len(bus.heard) < how_many:
                await asyncio.sleep(0.05)
    return [(heard - told) * 1000 for told, heard in bus.heard]


async def _polled(bus: Bus, how_many: int) -> list[float]:
    waits: list[float] = []

    def hear(body: bytes) -> None:
        told = DivisionChanged.model_validate_json(body)
        waits.append((time.time() - float(told.name)) * 1000)

    async with bare_bus.polling(bus.broker_url, bus.owner_url, hear):
        await asyncio.sleep(1)
        await teller.in_own_process("bare", bus.url, how_many)
        while len(waits) < how_many:
            await asyncio.sleep(0.05)
    return waits


@asynccontextmanager
async def _transport(bus: Bus) -> AsyncIterator[Transport]:
    transport = transport_for(bus.broker_url)
    transport.subscribe("bench", bus.reactions.types)
    await transport.open()
    try:
        yield transport
    finally:
        await transport.close()
