"""What is written into the outbox fits into messages that the bus takes, or is not written."""

from __future__ import annotations

from collections.abc import AsyncIterator
from uuid import uuid4

import orjson
import pytest

from shared.contracts.household import DivisionChanged
from shared.database import Database
from shared.messaging.outbox import EventTooLarge
from tests.infrastructure.databases import DatabaseOf
from tests.shared.messaging.station import Station, division, station_on

_MOST = 5_000


@pytest.fixture
async def teller(database_of: DatabaseOf) -> AsyncIterator[Station]:
    """Return a station whose messages hold no more than ``_MOST`` bytes."""
    place = await database_of("messaging")
    async with station_on(place, f"station-{uuid4().hex[:8]}") as station:
        await station.database.dispose()
        station.database = Database(place.url, service=station.name, pool_size=3, max_message_bytes=_MOST)
        yield station
        await station.database.dispose()


async def test_messages_are_as_full_as_the_bus_takes_them(teller: Station) -> None:
    told = [division(number) for number in range(40)]
    await teller.tell(*told)
    rows = await teller.admin.fetch("SELECT events, body FROM outbox ORDER BY id")
    batches = [orjson.loads(row["body"]) for row in rows]
    assert [event["subject"] for batch in batches for event in batch] == [event.code for event in told]
    assert [row["events"] for row in rows] == [len(batch) for batch in batches]
    longest = max(len(orjson.dumps(event)) for batch in batches for event in batch)
    for row in rows:
        assert len(row["body"]) <= _MOST
    for row in rows[:-1]:
        assert len(row["body"]) + 1 + longest > _MOST


async def test_an_event_that_fits_into_no_message_is_refused_with_its_change(teller: Station) -> None:
    async def change() -> None:
        async with teller.writing() as db:
            await db.copy_rows("division", ["code", "name", "sequence"], [("1", "the change", 1)])
            db.record(division(1), division(2, "村" * _MOST))

    with pytest.raises(EventTooLarge, match=r"household\.division_changed\.v1: \d+ > 5000 bytes"):
        await change()
    assert await teller.pending() == 0
    assert await teller.admin.fetchval("SELECT count(*) FROM division") == 0


async def test_an_event_that_just_fits_is_written(teller: Station) -> None:
    def named(length: int) -> DivisionChanged:
        return division(1, "x" * length)

    await teller.tell(named(1))
    spare = _MOST - len(await teller.admin.fetchval("DELETE FROM outbox RETURNING body"))
    await teller.tell(named(1 + spare))
    assert len(await teller.admin.fetchval("SELECT body FROM outbox")) == _MOST
    with pytest.raises(EventTooLarge):
        await teller.tell(named(2 + spare))
