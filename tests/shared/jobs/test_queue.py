"""Asking for jobs, and the tables in which they wait."""

from __future__ import annotations

import asyncpg
import pytest
from pgqueuer import AsyncpgDriver, Queries

from deploy.provision import libpq_url
from shared.jobs import enqueue
from tests.shared.jobs.shop import ASKER, Shop
from tests.shared.messaging.station import eventually


class Undecided(Exception):  # noqa: N818
    """The change is not to be."""


async def test_a_job_comes_with_the_change_that_asks_for_it(shop: Shop) -> None:
    job = await shop.job(await shop.ask("make", stages=1))
    assert (job["state"], job["owner"], job["requested_by"]) == ("queued", ASKER.subject, ASKER.name)
    assert await shop.queued() == 1


async def test_a_change_that_is_undone_leaves_no_job(shop: Shop) -> None:
    async def change() -> None:
        async with shop.under.database.writing(ASKER) as db:
            await enqueue(db, "workshop.make", {})
            raise Undecided

    with pytest.raises(Undecided):
        await change()
    assert await shop.queued() == 0
    assert await shop.admin.fetchval("SELECT count(*) FROM job") == 0


async def test_a_job_that_waits_under_the_same_key_is_enough(shop: Shop) -> None:
    async def ask() -> object:
        async with shop.under.database.writing(ASKER) as db:
            return await enqueue(db, "workshop.make", {"stages": 1}, once="all")

    assert await ask() == await ask()
    assert await shop.queued() == 1


async def test_a_job_that_already_runs_is_not_enough(shop: Shop) -> None:
    async def ask() -> None:
        async with shop.under.database.writing(ASKER) as db:
            await enqueue(db, "workshop.make", {"stages": 1, "seconds": 1}, once="all")

    await ask()
    async with shop.working():
        await _runs(shop)
        await ask()
        assert await shop.queued() == 2


async def test_a_waiting_job_starts_only_when_a_change_that_counts_on_it_can_be_seen(shop: Shop) -> None:
    async with shop.under.database.writing(ASKER) as db:
        waiting = await enqueue(db, "workshop.make", {"stages": 1}, once="all")
    async with shop.working():
        async with shop.under.database.writing(ASKER) as db:
            assert await enqueue(db, "workshop.make", {}, once="all") == waiting
            # The process is up and doing other things.
            await shop.makes("tick", 2)
            assert await shop.made(waiting) == []
        await shop.becomes(waiting, "succeeded")


async def test_the_tables_are_those_that_the_installed_library_expects(shop: Shop) -> None:
    plan = await Queries(AsyncpgDriver(shop.admin)).plan_upgrade()
    assert not plan.statements


async def test_the_queue_survives_a_crash_of_the_database(shop: Shop) -> None:
    unlogged = await shop.admin.fetch(
        "SELECT relname FROM pg_class WHERE relname LIKE 'pgqueuer%' AND relpersistence <> 'p'"
    )
    assert unlogged == []


async def test_the_application_role_may_do_all_that_the_queue_does(shop: Shop) -> None:
    url = shop.under.runtime.settings.database_url.get_secret_value()
    connection = await asyncpg.connect(libpq_url(url))
    try:
        # The library swallows a failure here, so nobody would notice.
        await Queries(AsyncpgDriver(connection)).aggregate_logs()
    finally:
        await connection.close()


async def _runs(shop: Shop) -> None:
    async def is_so() -> bool:
        return bool(await shop.admin.fetchval("SELECT count(*) FROM job WHERE state = 'running'"))

    await eventually(is_so)
