"""How jobs run, fail and are spoken of; what is due by the clock."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from prometheus_client import REGISTRY

from shared.jobs.definition import Interrupted, JobRun
from shared.jobs.housekeeping import prune
from tests.shared.jobs.shop import Shop
from tests.shared.jobs.workshop.app import PRIVATE
from tests.shared.messaging.station import eventually


async def test_a_job_tells_how_far_it_is_and_ends_with_its_result(shop: Shop) -> None:
    async with shop.working():
        job = await shop.becomes(await shop.ask("make", stages=3), "succeeded")
        await eventually(shop.is_clear)
    assert (job["done"], job["total"], job["unit"]) == (3, 3, "段 stages")
    assert json.loads(job["result"])["for"] == "王建国"
    assert job["finished_at"] >= job["started_at"]


async def test_a_refusal_fails_for_good_and_says_why_in_both_languages(shop: Shop) -> None:
    job_id = await shop.ask("refuse")
    async with shop.working():
        job = await shop.becomes(job_id, "failed")
        await eventually(shop.is_clear)
    assert await shop.made(job_id) == [0]
    error = json.loads(job["error"])
    assert (error["zh"]["code"], error["zh"]["status"]) == ("no_such_pattern", 422)
    assert (error["zh"]["title"], error["zh"]["detail"]) == ("没有这种图样", "没有A4")
    assert (error["en"]["title"], error["en"]["detail"]) == ("There is no such pattern.", "no A4")
    assert error["zh"]["errors"] == [{"pointer": "/pattern", "code": "unknown", "message": "未知"}]


async def test_any_other_failure_is_tried_again(shop: Shop) -> None:
    job_id = await shop.ask("stumble", times=1)
    async with shop.working():
        job = await shop.becomes(job_id, "succeeded")
    assert await shop.made(job_id) == [0, 1]
    assert job["attempts"] == 1


async def test_a_database_that_is_away_costs_a_job_none_of_its_attempts(shop: Shop) -> None:
    job_id = await shop.ask("lose", times=3)
    async with shop.working():
        job = await shop.becomes(job_id, "succeeded", within=40)
    assert await shop.made(job_id) == [0, 1, 2, 3]
    assert job["attempts"] == 0


async def test_nor_any_of_the_runs_after_which_it_is_given_up_as_one_that_kills_its_process(
    shop: Shop,
) -> None:
    job_id = await shop.ask("lose", times=2)
    await shop.admin.execute("UPDATE pgqueuer SET attempts = 23")
    async with shop.working():
        await shop.becomes(job_id, "succeeded", within=40)
    assert await shop.made(job_id) == [0, 1, 2]


async def test_a_job_that_gives_way_goes_on_after_whoever_waits(shop: Shop) -> None:
    first, second = [await shop.ask("give_way", times=times) for times in (1, 0)]
    async with shop.working():
        job = await shop.becomes(first, "succeeded")
        other = await shop.job(second)
    assert (await shop.made(first), job["attempts"]) == ([0, 1], 0)
    assert other["finished_at"] < job["finished_at"]


async def test_no_job_gives_way_for_ever(shop: Shop) -> None:
    run = JobRun(await shop.ask("give_way", times=99), {}, {}, "", shop.under.runtime)
    for _ in range(10):
        with pytest.raises(Interrupted):
            await run.give_way()
    await run.give_way()


async def test_a_file_that_is_not_there_costs_an_attempt(shop: Shop) -> None:
    job_id = await shop.ask("mislay", file="gone.csv")
    async with shop.working():
        job = await shop.becomes(job_id, "failed")
    assert job["attempts"] == 1


async def test_a_job_that_keeps_failing_ends_without_a_word_of_what_it_was_about(
    shop: Shop, capfd: pytest.CaptureFixture[str]
) -> None:
    job_id = await shop.ask("stumble", times=9)
    async with shop.working():
        job = await shop.becomes(job_id, "failed")
        await eventually(shop.is_clear)
    assert await shop.made(job_id) == [0, 1]
    error = json.loads(job["error"])
    assert error["en"]["code"] == "internal_error"
    log = capfd.readouterr().err
    assert error["en"]["trace_id"] in log
    kept = await shop.admin.fetch("SELECT to_jsonb(l)::text FROM pgqueuer_log l")
    for words in (log, str(kept), job["error"]):
        assert PRIVATE not in words
    assert "ValueError" not in str(kept)


async def test_the_worker_learns_what_its_bulk_process_did(shop: Shop) -> None:
    labels = {"service": "workshop", "job": "workshop.make", "ended": "succeeded"}
    before = REGISTRY.get_sample_value("fangfan_job_runs_total", labels) or 0

    async def counted() -> bool:
        return REGISTRY.get_sample_value("fangfan_job_runs_total", labels) == before + 1

    async with shop.working():
        await shop.becomes(await shop.ask("make", stages=1), "succeeded")
        await eventually(counted)


async def test_what_is_due_by_the_clock_is_done(shop: Shop) -> None:
    async with shop.working():
        await shop.makes("tick", 2)


async def test_in_a_rehearsal_nothing_acts_at_moments_of_the_real_clock(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = tmp_path / "clock"
    clock.write_text("2021-06-06T00:00:00+00:00")
    monkeypatch.setenv("FANGFAN_CLOCK_FILE", str(clock))
    async with shop.working():
        # Longer than the time between two ticks.
        await shop.becomes(await shop.ask("make", stages=2, seconds=1.5), "succeeded")
    assert await shop.made("tick") == []


async def test_what_is_long_past_is_forgotten(shop: Shop) -> None:
    recent, asked, old = [await shop.ask("make", stages=0) for _ in range(3)]
    errand = await shop.ask("make", stages=0)
    await shop.admin.execute("UPDATE job SET finished_at = now() - interval '8 days' WHERE id <> $1", recent)
    await shop.admin.execute("UPDATE job SET finished_at = now() - interval '2 years' WHERE id = $1", old)
    await shop.admin.execute("UPDATE job SET owner = 'system:workshop' WHERE id = $1", errand)
    await shop.admin.execute("UPDATE pgqueuer_log SET created = now() - interval '2 days'")
    await prune(shop.under.runtime)
    left = {row["id"] for row in await shop.admin.fetch("SELECT id FROM job")}
    assert left == {recent, asked}
    assert await shop.admin.fetchval("SELECT count(*) FROM pgqueuer_log") == 0


async def test_a_rehearsal_of_last_year_does_not_forget_what_it_has_just_done(shop: Shop) -> None:
    shop.under.clock.moment = moment = datetime(2021, 6, 6, tzinfo=UTC)
    done, long_ago = [await shop.ask("make", stages=0) for _ in range(2)]
    finish = "UPDATE job SET finished_at = $2 WHERE id = $1"
    await shop.admin.execute(finish, done, moment)
    await shop.admin.execute(finish, long_ago, moment - timedelta(days=400))
    await prune(shop.under.runtime)
    assert [row["id"] for row in await shop.admin.fetch("SELECT id FROM job")] == [done]
