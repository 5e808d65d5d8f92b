"""How far behind: it grows while events wait, for whatever reason, and not while there are none."""

from __future__ import annotations

import asyncio

from prometheus_client import REGISTRY

from shared.messaging.memory import MemoryTransport
from shared.messaging.transport import Transport
from tests.shared.messaging.station import Bus, Station, division, eventually, mark

#: Longer than anything takes that is not held up.
LONG = 0.3


def figure(name: str, station: Station, **labels: str) -> float:
    found = REGISTRY.get_sample_value(f"fangfan_{name}", {"service": station.name, **labels})
    assert found is not None, name
    return found


def lag(station: Station) -> float:
    return figure("lag_seconds", station, source=station.name)


async def grows(station: Station) -> bool:
    before = lag(station)
    await asyncio.sleep(0.05)
    return lag(station) > max(before, LONG)


async def _shown(station: Station) -> bool:
    labels = {"service": station.name, "source": station.name}
    return REGISTRY.get_sample_value("fangfan_lag_seconds", labels) is not None


async def _is_level(station: Station) -> bool:
    return lag(station) == 0


async def _failed(station: Station) -> bool:
    return station.failures > 1


async def _outbox_is_older(station: Station, seconds: float) -> bool:
    return figure("outbox_age_seconds", station) > seconds


async def _outbox_is_fresh(station: Station) -> bool:
    return figure("outbox_age_seconds", station) == figure("outbox_pending", station) == 0


async def _has_queued(transport: Transport, station: Station, count: int) -> bool:
    return await transport.queued(station.name) == count


async def test_a_held_up_consumer_falls_behind_and_catches_up(bus: Bus, station: Station) -> None:
    free = asyncio.Event()
    station.meanwhile = free.wait
    async with station.working(bus):
        await station.tell(division(1))
        await eventually(lambda: _shown(station))
        await eventually(lambda: grows(station))
        free.set()
        await station.handles([mark(division(1))])
        await eventually(lambda: _is_level(station))
        newest = figure("newest_handled_timestamp_seconds", station, source=station.name)
        await asyncio.sleep(LONG)
        # Nothing came since, which is nothing to be behind with.
        assert lag(station) == 0
        assert figure("newest_handled_timestamp_seconds", station, source=station.name) == newest


async def test_an_event_that_waits_for_its_next_attempt_is_lag_until_it_is_dead(
    bus: Bus, station: Station
) -> None:
    station.poison = {"bad": 99}
    station.delays = (1.0,)
    async with station.working(bus):
        await station.tell(division(1, "bad"), division(2))
        await eventually(lambda: _failed(station))
        await eventually(lambda: grows(station))
        assert await station.handled() == [mark(division(2))]
        await eventually(lambda: station.has_dead(1))
        await eventually(lambda: _is_level(station))


async def test_a_database_that_is_away_is_lag(bus: Bus, station: Station) -> None:
    async def cut() -> None:
        station.meanwhile = None
        await station.cut_database()

    station.meanwhile = cut
    async with station.working(bus):
        await station.tell(division(1))
        await eventually(lambda: _shown(station))
        await eventually(lambda: grows(station))
        await station.mend_database()
        await station.handles([mark(division(1))])
        await eventually(lambda: _is_level(station))


async def test_an_outbox_that_nobody_empties_grows_old(station: Station) -> None:
    transport = MemoryTransport()
    transport.subscribe(station.name, station.reactions.types)
    async with station.relaying(transport):
        await station.tell(division(1))
        await eventually(lambda: _outbox_is_older(station, LONG))
        assert figure("outbox_pending", station) == 1
        assert await transport.queued(station.name) == 1
        async with station.consuming(transport):
            await station.handles([mark(division(1))])
            await eventually(lambda: _outbox_is_fresh(station))
    await transport.close()


async def test_the_age_in_the_outbox_is_that_of_the_oldest(station: Station) -> None:
    transport = MemoryTransport()
    transport.subscribe(station.name, station.reactions.types)
    await station.tell(division(1))
    await station.admin.execute("UPDATE outbox SET stored_at = stored_at - interval '1 hour'")
    async with station.relaying(transport):
        await station.tell(division(2))
        await eventually(lambda: _outbox_is_older(station, 3600))
    await transport.close()


async def test_what_waits_on_the_bus_is_counted(bus: Bus, station: Station) -> None:
    transport = bus.connect()
    transport.subscribe(station.name, station.reactions.types)
    await transport.open()
    assert await transport.queued(station.name) == 0
    await station.tell(division(1))
    async with station.relaying(transport):
        await eventually(lambda: _has_queued(transport, station, 1))
        async with station.consuming(transport):
            await station.handles([mark(division(1))])
        await eventually(lambda: _has_queued(transport, station, 0))
    await transport.close()
