"""Processes that die: nothing is lost, nothing is done by two."""

from __future__ import annotations

import asyncio
import os
import signal
import sys

import asyncpg

from deploy.local.processes import lives
from tests.shared.jobs.shop import Shop
from tests.shared.messaging.station import eventually


async def test_a_killed_process_resumes_from_the_checkpoint(shop: Shop) -> None:
    job_id = await shop.ask("make", stages=6, seconds=0.3)
    async with shop.working():
        await shop.makes(job_id, 2)
        [first] = await shop.makers()
        os.kill(first, signal.SIGKILL)
        job = await shop.becomes(job_id, "succeeded")
        await eventually(shop.is_clear)
    _is_made_by_stages(await shop.made(job_id), 6, repeated=1)
    assert len(await shop.makers()) == 2
    # To be killed is no failure of the job's.
    assert job["attempts"] == 0


async def test_bulk_work_gives_way_to_whoever_answers_requests(shop: Shop) -> None:
    job_id = await shop.ask("make", stages=2, seconds=0.3)
    async with shop.working():
        await shop.makes(job_id, 1)
        [child] = await shop.makers()
        assert os.getpriority(os.PRIO_PROCESS, child) == 19 > os.getpriority(os.PRIO_PROCESS, 0)
        await shop.becomes(job_id, "succeeded")


async def test_a_killed_worker_takes_its_process_along_and_the_next_goes_on(shop: Shop) -> None:
    job_id = await shop.ask("make", stages=6, seconds=0.3)
    worker = await asyncio.create_subprocess_exec(sys.executable, "-m", "tests.shared.jobs.workshop.worker")
    await shop.makes(job_id, 2)
    [child] = await shop.makers()
    worker.kill()
    await worker.wait()
    await _is_gone(child)
    async with shop.working():
        await shop.becomes(job_id, "succeeded")
    _is_made_by_stages(await shop.made(job_id), 6, repeated=1)


async def test_a_killed_process_leaves_no_statement_behind_that_its_successor_waits_for(shop: Shop) -> None:
    job_id = await shop.ask("hang")
    async with shop.working():
        await shop.makes(job_id)
        os.kill((await shop.makers())[0], signal.SIGKILL)
        await shop.becomes(job_id, "succeeded", within=10)


async def test_of_two_processes_one_works_and_the_other_takes_over(shop: Shop) -> None:
    job_id = await shop.ask("make", stages=20, seconds=0.3)
    async with shop.working():
        await shop.makes(job_id, 1)
        async with shop.working():
            await _are_there(shop, 2)
            await shop.makes(job_id, len(await shop.made(job_id)) + 3)
            [first] = await shop.makers()
            taken_away = await shop.admin.fetchval("SELECT attempts FROM pgqueuer")
            assert taken_away == 0
            os.kill(first, signal.SIGKILL)
            await shop.becomes(job_id, "succeeded")
    _is_made_by_stages(await shop.made(job_id), 20, repeated=1)


async def test_whoever_stands_by_holds_no_snapshot_that_keeps_vacuum_from_working(shop: Shop) -> None:
    waiting = """
        SELECT count(*) FROM pg_stat_activity WHERE application_name = 'fangfan-workshop-jobs'
        AND backend_xmin IS NOT NULL AND wait_event = 'advisory'
    """
    async with shop.working(), shop.working():
        await _are_there(shop, 2)
        await asyncio.sleep(0.5)
        assert await shop.admin.fetchval(waiting) == 0


async def test_a_process_that_lost_its_hold_on_the_queue_leaves_the_work_to_the_other(shop: Shop) -> None:
    job_id = await shop.ask("make", stages=20, seconds=0.3)
    async with shop.working():
        await shop.makes(job_id, 1)
        async with shop.working():
            await _are_there(shop, 2)
            [first] = await shop.makers()
            await shop.admin.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_locks "
                "WHERE locktype = 'advisory' AND granted AND database = "
                "(SELECT oid FROM pg_database WHERE datname = current_database())"
            )
            await _is_gone(first)
            assert len(set(await shop.made(job_id))) < 20
            await shop.becomes(job_id, "succeeded")
    _is_made_by_stages(await shop.made(job_id), 20, repeated=1)


async def test_a_job_outlives_connections_that_break_under_it(shop: Shop) -> None:
    job_id = await shop.ask("make", stages=8, seconds=0.2)
    async with shop.working():
        for count in (2, 4):
            await shop.makes(job_id, count)
            await _cut(shop.admin, "fangfan-workshop")
        await shop.becomes(job_id, "succeeded")
    assert set(await shop.made(job_id)) == set(range(8))


async def test_a_job_whose_state_cannot_be_written_waits_until_it_can(shop: Shop) -> None:
    job_id = await shop.ask("make", stages=1)
    await shop.admin.execute("REVOKE UPDATE ON job FROM workshop_app")

    async def was_tried() -> bool:
        return bool(await shop.admin.fetchval("SELECT max(attempts) FROM pgqueuer"))

    async with shop.working():
        await eventually(was_tried)
        await shop.admin.execute("GRANT UPDATE ON job TO workshop_app")
        await shop.becomes(job_id, "succeeded")


async def test_a_job_that_fell_out_of_the_queue_is_put_back(shop: Shop) -> None:
    lost, finished = await shop.ask("make", stages=1), await shop.ask("make", stages=1)
    await shop.admin.execute("UPDATE job SET state = 'succeeded' WHERE id = $1", finished)
    await shop.admin.execute("DELETE FROM pgqueuer")
    async with shop.working():
        await shop.becomes(lost, "succeeded")
    assert await shop.made(finished) == []


async def test_a_job_that_had_finished_when_its_process_died_is_not_repeated(shop: Shop) -> None:
    job_id = await shop.ask("make", stages=1)
    await shop.admin.execute("UPDATE job SET state = 'succeeded'")
    await shop.admin.execute("UPDATE pgqueuer SET status = 'picked', queue_manager_id = gen_random_uuid()")
    async with shop.working():
        await eventually(shop.is_clear)
    assert await shop.made(job_id) == []


async def test_a_job_that_brings_its_process_down_again_and_again_is_given_up(shop: Shop) -> None:
    job_id = await shop.ask("make", stages=1)
    await shop.admin.execute("UPDATE pgqueuer SET attempts = 25")
    async with shop.working():
        job = await shop.becomes(job_id, "failed")
    assert "job_crashed" in job["error"]
    assert await shop.made(job_id) == []


async def test_a_stop_lets_a_job_finish_its_stage_and_the_next_process_goes_on(shop: Shop) -> None:
    job_id = await shop.ask("make", stages=4, seconds=1)
    async with shop.working():
        await shop.makes(job_id, 1)
    job = await shop.job(job_id)
    assert (job["state"], job["checkpoint"]) == ("queued", '{"done": 1}')
    async with shop.working():
        await shop.becomes(job_id, "succeeded")
    _is_made_by_stages(await shop.made(job_id), 4, repeated=0)


async def test_a_schedule_that_a_crash_interrupts_runs_again(shop: Shop) -> None:
    async with shop.working():
        await shop.makes("tick")
    await shop.admin.execute(
        "UPDATE pgqueuer_schedules SET next_run = now() WHERE entrypoint = 'workshop.nap'"
    )
    async with shop.working():
        await shop.makes("nap")
        pid = await shop.admin.fetchval("SELECT pid FROM made WHERE what = 'nap'")
        os.kill(pid, signal.SIGKILL)
        await shop.makes("nap", 2)


def _is_made_by_stages(made: list[int], stages: int, *, repeated: int) -> None:
    """Check that all stages were made in order, and only those repeated that a death interrupted."""
    assert sorted(set(made)) == list(range(stages))
    assert made == sorted(made)
    assert len(made) - stages <= repeated


async def _are_there(shop: Shop, count: int) -> None:
    """Wait until so many processes work on the queue, or wait for their turn."""

    async def is_so() -> bool:
        here = await shop.admin.fetchval(
            "SELECT count(*) FROM pg_stat_activity "
            "WHERE datname = current_database() AND application_name = 'fangfan-workshop-jobs'"
        )
        return bool(here == count)

    await eventually(is_so)


async def _is_gone(pid: int) -> None:
    async def is_so() -> bool:
        return not lives(pid)

    await eventually(is_so, within=5)


async def _cut(admin: asyncpg.Connection, application: str) -> None:
    await admin.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE datname = current_database() AND application_name = $1",
        application,
    )
