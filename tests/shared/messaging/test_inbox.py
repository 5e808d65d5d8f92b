"""What the inbox remembers, and for how long."""

from __future__ import annotations

from datetime import timedelta

from shared.keys import uuid7
from shared.messaging.inbox import claim, prune
from tests.shared.messaging.station import Station


async def test_an_event_is_claimed_once(station: Station) -> None:
    first, second = uuid7(), uuid7()
    async with station.writing() as db:
        assert await claim(db, [first, first]) == {first}
    async with station.writing() as db:
        assert await claim(db, [first, second]) == {second}


async def test_old_claims_are_forgotten(station: Station) -> None:
    old, new = uuid7(), uuid7()
    async with station.writing() as db:
        await claim(db, [old, new])
    await station.admin.execute(
        "UPDATE inbox SET handled_at = now() - interval '31 days' WHERE event_id = $1", old
    )
    async with station.writing() as db:
        assert await prune(db, keep=timedelta(days=30)) == 1
        assert await claim(db, [old, new]) == {old}
