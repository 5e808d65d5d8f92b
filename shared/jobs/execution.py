"""Running one job: its states, its attempts, and what is said when it fails."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

import orjson
from pgqueuer import RetryRequested
from prometheus_client import Counter, Histogram
from sqlalchemy import text

from shared.assembly import Runtime
from shared.identity.principal import system
from shared.jobs.definition import Job, JobRun
from shared.logging import log
from shared.refusal import Refusal

_log = log(__name__)
FINISHED = Counter("fangfan_jobs_finished", "Jobs finished, by outcome", ["service", "job", "state"])
SECONDS = Histogram(
    "fangfan_job_seconds", "Duration of jobs", ["service", "job"], buckets=(0.1, 1, 5, 30, 120, 600, 3600)
)
_WAIT = timedelta(seconds=2)

_START = text(
    """
    UPDATE job SET state = 'running', attempts = attempts + 1, started_at = coalesce(started_at, :now)
    WHERE id = :id AND state IN ('queued', 'running')
    RETURNING payload, checkpoint, requested_by, attempts
    """
)
_FINISH = text(
    """
    UPDATE job SET state = :state, result = CAST(:result AS jsonb), error = CAST(:error AS jsonb), finished_at = :now
    WHERE id = :id
    """
)
_WAITING = text("UPDATE job SET state = 'queued' WHERE id = :id")


async def execute(runtime: Runtime, job: Job, job_id: UUID) -> None:
    """Run a job to its end; raises ``RetryRequested`` where it is to be tried again."""
    async with runtime.database.writing(system(runtime.service.name)) as db:
        rows = await db.rows(_START, {"id": job_id, "now": db.now})
    if not rows:
        return
    payload, checkpoint, requested_by, attempts = rows[0]
    run = JobRun(job_id, payload, checkpoint, requested_by, runtime)
    started = time.perf_counter()
    try:
        result = await job.handler(run)
    except Refusal as refusal:
        await _finish(runtime, job, job_id, "failed", error=_problem(refusal))
    except Exception as error:
        _log.exception("job.failed", job=job.name, job_id=str(job_id), attempts=attempts)
        if attempts < job.max_attempts:
            async with runtime.database.writing(system(runtime.service.name)) as db:
                await db.execute(_WAITING, {"id": job_id})
            raise RetryRequested(_WAIT * attempts, type(error).__name__) from error
        # The kind of error only: its text may quote a person's data. The log has the rest, masked.
        await _finish(
            runtime, job, job_id, "failed", error={"code": "internal_error", "title": type(error).__name__}
        )
    else:
        await _finish(runtime, job, job_id, "succeeded", result=result)
        SECONDS.labels(runtime.service.name, job.name).observe(time.perf_counter() - started)


async def _finish(
    runtime: Runtime,
    job: Job,
    job_id: UUID,
    state: str,
    *,
    result: Mapping[str, Any] | None = None,
    error: Mapping[str, Any] | None = None,
) -> None:
    async with runtime.database.writing(system(runtime.service.name)) as db:
        values = {"id": job_id, "state": state, "result": _json(result), "error": _json(error), "now": db.now}
        await db.execute(_FINISH, values)
    FINISHED.labels(runtime.service.name, job.name, state).inc()


def _problem(refusal: Refusal) -> dict[str, Any]:
    return {"code": refusal.code, "title": refusal.title(), "zh": refusal.zh, "detail": refusal.zh_detail}


def _json(value: Mapping[str, Any] | None) -> str | None:
    return None if value is None else orjson.dumps(value, default=str).decode()
