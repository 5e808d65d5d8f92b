"""The process that does a service's bulk and scheduled work: ``python -m shared.jobs.child MODULE:ATTRIBUTE``.

It ends with the worker that started it, so that a killed worker leaves nobody working behind its back.
"""

from __future__ import annotations

import asyncio
import ctypes
import os
import signal
import sys
from datetime import timedelta
from importlib import import_module
from uuid import UUID

import asyncpg
from pgqueuer import AsyncpgDriver, PgQueuer
from pgqueuer.models import Job as QueuedJob, Schedule as QueuedSchedule

from shared import logging, telemetry
from shared.assembly import Runtime
from shared.jobs.definition import Job, Schedule
from shared.jobs.execution import execute

#: Held by the one process that works on a service's queue; a standby waits for it.
_LOCK = 0x6A6F6273
_PR_SET_PDEATHSIG = 1
_PLAIN = "postgresql://"


async def work(runtime: Runtime) -> None:
    """Work on the service's queue until asked to stop."""
    connection = await asyncpg.connect(_libpq(runtime))
    await connection.execute("SELECT pg_advisory_lock($1)", _LOCK)
    # Nobody else holds the lock, so whatever is marked as picked was picked by a process that died.
    await connection.execute(
        "UPDATE pgqueuer SET status = 'queued', queue_manager_id = NULL WHERE status = 'picked'"
    )
    queue = PgQueuer(AsyncpgDriver(connection))
    for job in runtime.service.jobs:
        _serve(queue, runtime, job)
    for schedule in runtime.service.schedules:
        _keep_time(queue, runtime, schedule)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, queue.shutdown.set)
    try:
        # A job that asked for another attempt is due by time, which notifies nobody: look every second.
        await queue.run(dequeue_timeout=timedelta(seconds=1))
    finally:
        await runtime.database.dispose()


def _serve(queue: PgQueuer, runtime: Runtime, job: Job) -> None:
    @queue.entrypoint(job.name, concurrency_limit=job.concurrency)
    async def run(queued: QueuedJob) -> None:
        await execute(runtime, job, UUID(bytes=queued.payload))


def _keep_time(queue: PgQueuer, runtime: Runtime, schedule: Schedule) -> None:
    @queue.schedule(schedule.name, schedule.cron)
    async def run(_queued: QueuedSchedule) -> None:
        await schedule.handler(runtime)


def _libpq(runtime: Runtime) -> str:
    return runtime.settings.database_url.get_secret_value().replace("postgresql+asyncpg://", _PLAIN, 1)


def _end_with_parent(parent: int) -> None:
    """Have the kernel end this process with its parent (Linux)."""
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        # The parent died before we asked.
        sys.exit(0)


def main() -> None:
    """Enter from the command line: the service's definition, and the worker's process id."""
    target, parent = sys.argv[1:]
    _end_with_parent(int(parent))
    module, _, attribute = target.partition(":")
    runtime = Runtime.of(getattr(import_module(module), attribute))
    logging.configure(runtime.service.name, runtime.common.log_level)
    telemetry.export_traces(runtime.service.name, runtime.common.otlp_endpoint)
    asyncio.run(work(runtime))


if __name__ == "__main__":
    main()
