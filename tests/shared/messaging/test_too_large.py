"""What is larger than the bus takes: it stops nothing behind it, is seen, and can be sent again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from uuid import uuid4

import pytest

from deploy.local.rabbitmq import PrivateRabbitMQ
from shared.contracts.household import DivisionChanged
from shared.messaging import dead
from tests.infrastructure.databases import DatabaseOf
from tests.shared.messaging.limits import PLENTY, LimitedBus, LimitedMemory, LimitedRabbit
from tests.shared.messaging.station import Station, division, eventually, mark, station_on

_LIMIT = 20_000
_CUT_AGAIN_AND_AGAIN = (
    '[begin [rabbit_networking:close_connection(P, "test") || P <- rabbit_networking:connections()], '
    "timer:sleep(20) end || _ <- lists:seq(1, 50)]."
)


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrivateRabbitMQ]:
    """Return a node of the module's own, for its limit is the whole node's."""
    with PrivateRabbitMQ(tmp_path_factory.mktemp("narrow")) as node:
        yield node


@pytest.fixture(params=["memory", "amqp"])
async def narrow(request: pytest.FixtureRequest) -> AsyncIterator[LimitedBus]:
    """Return a bus that takes no more than ``_LIMIT`` bytes at once."""
    if request.param == "memory":
        memory = LimitedMemory()
        await memory.take_at_most(_LIMIT)
        yield memory
        return
    rabbit = LimitedRabbit(request.getfixturevalue("node"))
    await rabbit.take_at_most(_LIMIT)
    yield rabbit
    await rabbit.take_at_most(PLENTY)
    await rabbit.forget()


_on_rabbitmq = pytest.mark.parametrize("narrow", ["amqp"], indirect=True)


def large(number: int, version: int = 1) -> DivisionChanged:
    """Return an event that is too large by itself."""
    return division(number, "村" * _LIMIT, version)


async def test_what_stands_behind_it_goes_on(narrow: LimitedBus, station: Station) -> None:
    for event in (division(1), large(2), division(3)):
        await station.tell(event)
    async with station.working(narrow):
        await station.handles([mark(division(1)), mark(division(3))])
    [unsent] = await dead.list_dead(station.database)
    assert (unsent.subject, unsent.unsent) == (large(2).code, True)
    assert unsent.reason.startswith("not sent: ")
    assert f"{_LIMIT}" in unsent.reason


async def test_only_what_is_too_large_by_itself_is_taken_out_of_a_message(
    narrow: LimitedBus, station: Station
) -> None:
    told = [large(number) if number in {3, 200} else division(number) for number in range(300)]
    small = [event for event in told if len(event.name) < _LIMIT]
    await station.tell(*told)
    await station.tell(division(999))
    async with station.working(narrow):
        await station.handles(map(mark, [*small, division(999)]))
    unsent = {event.subject for event in await dead.list_dead(station.database)}
    assert unsent == {large(3).code, large(200).code}


async def test_a_message_that_is_too_large_as_a_whole_is_taken_apart_in_its_place(
    narrow: LimitedBus, station: Station
) -> None:
    told = [division(number, version=version) for version in (1, 2) for number in range(200)]
    await station.tell(*told[:200])
    await station.tell(*told[200:])
    async with station.working(narrow):
        await station.handles(map(mark, told))
    assert await station.dead() == []


async def test_it_is_sent_again_and_does_not_undo_what_overtook_it(
    narrow: LimitedBus, station: Station
) -> None:
    async with station.working(narrow):
        await station.tell(large(1, version=1))
        await station.tell(division(1, "new", version=2))
        await station.handles([mark(division(1, version=2))])
        [unsent] = await dead.list_dead(station.database)

        # As long as the bus takes no more than before, it comes back.
        assert await dead.replay(station.database, station.reactions, unsent.event_id) is None
        await eventually(lambda: station.has_dead(1))
        assert await station.pending() == 0

        await narrow.take_at_most(PLENTY)
        assert await dead.replay(station.database, station.reactions, unsent.event_id) is None
        await station.handles([mark(division(1, version=2)), mark(division(1, version=1))])
    assert await dead.list_dead(station.database) == []
    assert await station.admin.fetchval("SELECT name FROM division") == "new"


@_on_rabbitmq
async def test_connections_that_are_cut_at_a_publish_set_nothing_aside(
    narrow: LimitedBus, station: Station, node: PrivateRabbitMQ
) -> None:
    await narrow.take_at_most(PLENTY)
    told = 0
    async with station.working(narrow):
        cutting = asyncio.create_task(asyncio.to_thread(node.control, "eval", _CUT_AGAIN_AND_AGAIN))
        while not cutting.done():
            await station.tell(large(told))
            told += 1
        await cutting
        await eventually(lambda: station.has_settled(told), station.handled, within=60)
    assert await station.dead() == []


@_on_rabbitmq
async def test_another_service_on_the_same_channel_loses_nothing_by_it(
    narrow: LimitedBus, station: Station, database_of: DatabaseOf
) -> None:
    """All services of one process share a channel, which the broker closes at the message of one of them."""
    told = [division(number) for number in range(100)]
    async with (
        station_on(await database_of("messaging"), f"other-{uuid4().hex[:8]}") as other,
        station.working(narrow) as transport,
        other.relaying(transport),
    ):
        for event in told:
            await station.tell(event)
            if event.code.endswith("0"):
                await other.tell(large(int(event.code[-6:])))
        await eventually(lambda: station.has_settled(len(told)), station.handled)
        await eventually(lambda: other.has_dead(10))
        assert (await station.dead(), await other.pending()) == ([], 0)


@_on_rabbitmq
async def test_an_event_that_can_wait_for_no_further_attempt_dies_at_once(
    narrow: LimitedBus, station: Station
) -> None:
    """The broker's limit was lowered while it was on its way."""
    await narrow.take_at_most(PLENTY)
    station.poison = {large(2).name: 9}
    transport = narrow.connect()
    transport.subscribe(station.name, station.reactions.types)
    await station.tell(division(1), large(2), division(3))
    async with station.relaying(transport):
        await eventually(lambda: station.has_settled(0))
    await narrow.take_at_most(_LIMIT)
    async with station.consuming(transport):
        await eventually(lambda: station.has_dead(1))
        await eventually(lambda: station.has_settled(2), station.handled)
    await transport.close()
    [event] = await dead.list_dead(station.database)
    assert (event.subject, event.unsent, event.attempts) == (large(2).code, False, 1)
    assert event.reason.startswith("Poisonous")
