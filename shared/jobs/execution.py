"""Running one job: its states, its attempts, and what is said when it fails."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal
from uuid import UUID

import orjson
import structlog
from pgqueuer import RetryRequested
from pgqueuer.models import Job as QueuedJob
from sqlalchemy import text

from shared.assembly import Runtime
from shared.database import Database
from shared.identity.principal import system
from shared.jobs.definition import Interrupted, Job, JobRun
from shared.jobs.metrics import Report
from shared.logging import log
from shared.messaging.outage import is_outage
from shared.refusal import Refusal
from shared.telemetry import tracing
from shared.web.language import Language
from shared.web.problems import InternalError, problem_of

_log = log(__name__)
_WAIT, _LONGEST_WAIT = timedelta(seconds=2), timedelta(minutes=1)
_LANGUAGES: tuple[Language, ...] = ("zh", "en")
#: Failures, and processes that died with it: a job that brings its process down must not do so for ever.
_MOST_RUNS = 25

_START = text(
    """
    UPDATE job SET state = 'running', started_at = coalesce(started_at, :now)
    WHERE id = :id AND state IN ('queued', 'running')
    RETURNING payload, checkpoint, requested_by, attempts
    """
)
#: From here on a job under the same key is another one: this run may miss what changes next.
_FREE_KEY = text("UPDATE pgqueuer SET dedupe_key = NULL WHERE id = :number AND dedupe_key IS NOT NULL")
#: The queue counts every run that it is asked to repeat. What was nobody's fault is taken back: a database that is full
#: for a minute would use up all runs of a job, and have it told that it brought its process down.
_UNCOUNTED = text("UPDATE pgqueuer SET attempts = attempts - 1 WHERE id = :number")
_BECOME = text(
    """
    UPDATE job SET state = :state, attempts = :attempts, finished_at = :finished_at,
        result = CAST(:result AS jsonb), error = CAST(:error AS jsonb)
    WHERE id = :id
    """
)


class JobCrashed(Refusal):
    """The job brought its process down too often."""

    status = 500
    code = "job_crashed"
    zh = "任务多次异常中断，已停止重试，请凭追踪号联系管理员"


async def execute(runtime: Runtime, job: Job, queued: QueuedJob, report: Report) -> None:
    """Run a job; raises ``RetryRequested`` where it is to be run again, and nothing else.

    PgQueuer keeps an exception's whole text, and drops the job: so it gets to see neither a handler's nor ours.
    """
    job_id = UUID(bytes=queued.payload)
    traceparent = str((queued.headers or {}).get("traceparent", ""))
    names = structlog.contextvars.bound_contextvars(job=job.name, job_id=str(job_id))
    with tracing(job.name, traceparent), names:
        started = time.perf_counter()
        try:
            end = await _run(runtime, job, job_id, queued)
        except Exception:  # noqa: BLE001 - most likely the database is away; whatever it is, the job stays
            _log.exception("job.state_not_written")
            end = _End("retried", again_in=min(_WAIT * (queued.attempts + 1), _LONGEST_WAIT))
        if end is None:
            return
        report(job.name, end.kind, time.perf_counter() - started)
        if end.again_in is not None:
            raise RetryRequested(end.again_in, end.kind)


@dataclass(frozen=True)
class _End:
    """How a run ended, and when the next one is due, if there is to be one."""

    kind: Literal["succeeded", "failed", "retried", "interrupted"]
    again_in: timedelta | None = None


async def _run(runtime: Runtime, job: Job, job_id: UUID, queued: QueuedJob) -> _End | None:
    database = runtime.database
    async with database.writing(system(database.service)) as db:
        await db.execute(_FREE_KEY, {"number": queued.id})
        rows = await db.rows(_START, {"id": job_id, "now": db.now})
    if not rows:
        # It had finished, and only the queue did not get to know.
        return None
    payload, checkpoint, requested_by, attempts = rows[0]
    state = _State(database, job_id, queued.id)
    try:
        run = JobRun(job_id, payload, checkpoint, requested_by, runtime)
        result = await _attempt(job, run, earlier_runs=queued.attempts)
    except Refusal as refusal:
        return await state.failed(refusal, attempts)
    except Interrupted as interrupted:
        return await state.interrupted(attempts, interrupted.again_in)
    except Exception as error:  # noqa: BLE001 - whatever went wrong in a handler, it is tried again
        return await _after(error, job, state, attempts)
    return await state.succeeded(result, attempts)


async def _after(error: Exception, job: Job, state: _State, attempts: int) -> _End:
    if _is_not_its_fault(error):
        _log.warning("job.database_away")
        return await state.interrupted(attempts, _WAIT)
    attempts += 1
    _log.error("job.failed", attempts=attempts, exc_info=error)
    if attempts < job.max_attempts:
        return await state.retried(attempts, _WAIT * attempts)
    # Not the exception's text: it may quote a person's data. The log has it, masked, under the trace id.
    return await state.failed(InternalError(), attempts)


def _is_not_its_fault(error: Exception) -> bool:
    """Tell whether the database was away or crowded: that is no attempt of the job's. A file that is not there is."""
    return is_outage(error) and (isinstance(error, ConnectionError) or not isinstance(error, OSError))


async def _attempt(job: Job, run: JobRun, *, earlier_runs: int) -> dict[str, Any]:
    if earlier_runs >= _MOST_RUNS:
        raise JobCrashed
    return await job.handler(run)


@dataclass(frozen=True)
class _State:
    """Writes what becomes of a job."""

    database: Database
    job_id: UUID
    #: In the queue.
    number: int

    async def succeeded(self, result: Mapping[str, Any], attempts: int) -> _End:
        await self._write("succeeded", attempts, result=result)
        return _End("succeeded")

    async def failed(self, refusal: Refusal, attempts: int) -> _End:
        # Whoever asks later says in which language.
        problems: dict[str, Any] = {}
        for language in _LANGUAGES:
            problems[language] = problem_of(refusal, language).model_dump()
        await self._write("failed", attempts, error=problems)
        return _End("failed")

    async def retried(self, attempts: int, again_in: timedelta) -> _End:
        await self._write("queued", attempts)
        return _End("retried", again_in)

    async def interrupted(self, attempts: int, again_in: timedelta) -> _End:
        await self._write("queued", attempts, counted=False)
        return _End("interrupted", again_in)

    async def _write(
        self, state: str, attempts: int, *, counted: bool = True, **outcome: Mapping[str, Any]
    ) -> None:
        as_json = {name: orjson.dumps(value, default=str).decode() for name, value in outcome.items()}
        async with self.database.writing(system(self.database.service)) as db:
            finished_at = None if state == "queued" else db.now
            values = {"id": self.job_id, "state": state, "attempts": attempts, "finished_at": finished_at}
            if not counted:
                await db.execute(_UNCOUNTED, {"number": self.number})
            await db.execute(_BECOME, {"result": None, "error": None} | values | as_json)
