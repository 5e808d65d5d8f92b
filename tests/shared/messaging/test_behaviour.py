"""What the bus promises, on both transports: nothing lost, nothing handled twice, nothing stopped by one event."""

from __future__ import annotations

import asyncio
from uuid import UUID

import pytest

from shared.database import Writer
from shared.messaging import dead
from shared.messaging.transport import Message
from shared.telemetry import current_trace_id, tracing
from tests.shared.messaging.faults import DyingAfterConfirm, DyingBeforeAcknowledgement
from tests.shared.messaging.station import Bus, Poisonous, Station, division, eventually, mark

_VILLAGES = [division(number) for number in range(12)]


async def test_what_is_committed_is_handled_in_order(bus: Bus, station: Station) -> None:
    async with station.working(bus):
        for event in _VILLAGES:
            await station.tell(event)
        await station.handles(map(mark, _VILLAGES))


async def test_what_is_rolled_back_is_never_told(bus: Bus, station: Station) -> None:
    async def change_mind(db: Writer) -> None:
        db.record(division(1))
        await db.store_events()
        raise Poisonous

    async with station.working(bus):
        with pytest.raises(Poisonous):
            async with station.writing() as db:
                await change_mind(db)
        await station.tell(division(2))
        await station.handles([mark(division(2))])


async def test_the_reaction_goes_on_under_the_trace_of_the_command(bus: Bus, station: Station) -> None:
    seen: list[str | None] = []

    async def look() -> None:
        seen.append(current_trace_id())

    station.meanwhile = look
    async with station.working(bus):
        with tracing("command") as trace_id:
            await station.tell(division(1))
        await station.handles([mark(division(1))])
    assert seen == [trace_id]


async def test_a_message_that_comes_twice_is_handled_once(bus: Bus, station: Station) -> None:
    await station.tell(*_VILLAGES)
    body = await station.admin.fetchval("SELECT body FROM outbox")
    async with station.working(bus) as transport:
        await transport.publish([Message("household.division_changed.v1", body)] * 3)
        await station.tell(division(99))
        await station.handles([*map(mark, _VILLAGES), mark(division(99))])


async def test_an_event_that_comes_late_does_not_undo_a_later_one(bus: Bus, station: Station) -> None:
    station.poison = {"old": 1}
    async with station.working(bus):
        await station.tell(division(1, "old", version=1))
        await station.tell(division(1, "new", version=2))
        code = division(1).code
        await station.handles([(code, 2), (code, 1)])
    assert await station.admin.fetchrow("SELECT name, sequence FROM division") == ("new", 2)


async def test_a_crash_between_commit_and_publishing_loses_nothing(bus: Bus, station: Station) -> None:
    await station.tell(*_VILLAGES)
    assert await station.pending() == 1
    async with station.working(bus):
        await station.handles(map(mark, _VILLAGES))


async def test_a_crash_between_confirm_and_removal_doubles_nothing(bus: Bus, station: Station) -> None:
    transport = DyingAfterConfirm(bus.connect())
    transport.subscribe(station.name, station.reactions.types)
    await transport.open()
    await station.tell(*_VILLAGES)
    async with station.relaying(transport), station.consuming(transport):
        await transport.died.wait()
    await transport.close()
    assert await station.pending() == 1
    async with station.working(bus):
        await station.handles(map(mark, _VILLAGES))


async def test_a_crash_between_handling_and_acknowledging_doubles_nothing(bus: Bus, station: Station) -> None:
    transport = DyingBeforeAcknowledgement(bus.connect())
    transport.subscribe(station.name, station.reactions.types)
    await transport.open()
    await station.tell(*_VILLAGES)
    async with station.relaying(transport), station.consuming(transport):
        await transport.died.wait()
    await transport.close()
    assert len(await station.handled()) == len(_VILLAGES)
    async with station.working(bus):
        await station.tell(division(99))
        await station.handles([*map(mark, _VILLAGES), mark(division(99))])


async def test_an_event_that_fails_once_succeeds_later(bus: Bus, station: Station) -> None:
    station.poison = {"once": 1}
    async with station.working(bus):
        await station.tell(division(1, "once"))
        await station.handles([mark(division(1))])
    assert await station.dead() == []


async def test_a_poisonous_event_dies_alone_and_comes_back_when_replayed(bus: Bus, station: Station) -> None:
    station.poison = {"poison": 4}
    async with station.working(bus):
        for event in (division(1), division(2, "poison"), division(3)):
            await station.tell(event)
        await station.handles([mark(division(1)), mark(division(3))])
        await eventually(lambda: station.has_dead(1))

    [listed] = await dead.list_dead(station.database)
    assert (listed.type, listed.subject, listed.attempts) == (
        "household.division_changed.v1",
        division(2).code,
        3,
    )
    assert listed.reason.startswith("Poisonous: cannot handle 1 events (_write_down:")

    failing_again = await dead.replay(station.database, station.reactions, listed.event_id)
    assert failing_again == (await dead.show_dead(station.database, listed.event_id)).reason
    assert (await dead.show_dead(station.database, listed.event_id)).attempts == 4
    assert await dead.replay(station.database, station.reactions, listed.event_id) is None
    assert await dead.list_dead(station.database) == []
    assert (await station.handled())[-1] == mark(division(2))


async def test_one_poisonous_event_among_500_is_found_in_few_attempts(bus: Bus, station: Station) -> None:
    told = [division(number, "poison" if number == 321 else "") for number in range(500)]
    station.poison = {"poison": 3}
    async with station.working(bus):
        await station.tell(*told)
        await station.handles(mark(event) for event in told if event.name != "poison")
        await eventually(lambda: station.has_dead(1))
    # Nine halvings and the event itself, then its two further attempts.
    assert station.failures <= 12


async def test_what_cannot_be_read_is_dead_at_once(bus: Bus, station: Station) -> None:
    event_id = UUID("01890a5d-ac96-774b-bcce-b302099a8057")
    broken = b'[{"id": "%s", "type": "household.division_changed.v1"}]' % str(event_id).encode()
    async with station.working(bus) as transport:
        for body in (b"not JSON", broken, b"not JSON"):
            await transport.publish([Message("household.division_changed.v1", body)])
        await station.tell(division(1))
        await station.handles([mark(division(1))])
        await eventually(lambda: station.has_dead(2))
    known, garbage = sorted(await station.dead(), key=lambda row: row["event_id"] != event_id)
    assert known["event_id"] == event_id
    assert "data missing" in known["reason"]
    assert "JSONDecodeError" in garbage["reason"]


async def test_a_dead_event_that_is_dropped_stays_away(bus: Bus, station: Station) -> None:
    station.poison = {"poison": 3}
    async with station.working(bus):
        await station.tell(division(1, "poison"))
        await eventually(lambda: station.has_dead(1))
    [listed] = await dead.list_dead(station.database)
    assert await dead.drop(station.database, [listed.event_id]) == 1
    assert await dead.list_dead(station.database) == []


async def test_a_database_that_goes_away_costs_no_attempt(bus: Bus, station: Station) -> None:
    cut = asyncio.Event()

    async def cut_while_handling() -> None:
        station.meanwhile = None
        await station.cut_database()
        cut.set()

    station.meanwhile = cut_while_handling
    async with station.working(bus):
        await station.tell(*_VILLAGES)
        await cut.wait()
        await asyncio.sleep(1)
        await station.mend_database()
        await station.handles(map(mark, _VILLAGES))
    assert await station.dead() == []


async def test_a_standby_takes_over(bus: Bus, station: Station) -> None:
    transport = bus.connect()
    transport.subscribe(station.name, station.reactions.types)
    await transport.open()
    async with station.relaying(transport), station.consuming(transport):
        async with station.relaying(transport), station.consuming(transport):
            await station.tell(*_VILLAGES)
            await station.handles(map(mark, _VILLAGES))
        await station.tell(division(99))
        await station.handles([*map(mark, _VILLAGES), mark(division(99))])
    await transport.close()
