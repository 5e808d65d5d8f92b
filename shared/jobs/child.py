"""The process that does a service's bulk and scheduled work: ``python -m shared.jobs.child MODULE:ATTRIBUTE PARENT``.

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

import uvloop
from pgqueuer import AsyncpgDriver, PgQueuer
from pgqueuer.models import Job as QueuedJob, Schedule as QueuedSchedule

from shared import clock, logging, telemetry
from shared.assembly import Runtime
from shared.jobs.definition import Job, Schedule
from shared.jobs.execution import execute
from shared.jobs.housekeeping import HOUSEKEEPING
from shared.jobs.metrics import Report, line_of
from shared.jobs.takeover import let_go, take_over
from shared.parent import end_with_parent

#: What glibc's ``mallopt`` may be told (``malloc.h``): from how many free bytes on memory is given back, from how large
#: on a piece is asked for by itself, and among how many heaps threads are spread.
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD, _M_ARENA_MAX = -1, -3, -8
_KEPT, _HEAPS = 512 * 1024 * 1024, 2


async def work(runtime: Runtime, report: Report) -> None:
    """Work on the service's queue until asked to stop: then no job begins, and each goes on to its next checkpoint."""
    url = runtime.settings.database_url.get_secret_value()
    connection = await take_over(url, service=runtime.service.name)
    queue = PgQueuer(AsyncpgDriver(connection))
    for job in runtime.service.jobs:
        _serve(queue, runtime, job, report)
    for schedule in (*runtime.service.schedules, HOUSEKEEPING):
        if schedule.in_rehearsals or not clock.is_rehearsed():
            _keep_time(queue, runtime, schedule)

    def stop() -> None:
        runtime.draining = True
        queue.shutdown.set()

    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop)
    try:
        # A job that asked for another attempt is due by time, which notifies nobody: look every second.
        await queue.run(dequeue_timeout=timedelta(seconds=1), shutdown_on_listener_failure=True)
    finally:
        await let_go(connection)
        await runtime.database.dispose()


def _serve(queue: PgQueuer, runtime: Runtime, job: Job, report: Report) -> None:
    @queue.entrypoint(job.name, concurrency_limit=job.concurrency)
    async def run(queued: QueuedJob) -> None:
        await execute(runtime, job, queued, report)


def _keep_time(queue: PgQueuer, runtime: Runtime, schedule: Schedule) -> None:
    @queue.schedule(schedule.name, schedule.cron)
    async def run(_queued: QueuedSchedule) -> None:
        with telemetry.tracing(schedule.name):
            await schedule.handler(runtime)


def _reports_to_parent() -> Report:
    """Take standard output for reports; whatever a library prints goes to the log instead."""
    pipe = os.dup(sys.stdout.fileno())
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())

    def report(job: str, ended: str, seconds: float) -> None:
        os.write(pipe, line_of(job, ended, seconds))

    return report


def _use_memory_again() -> None:
    """Keep what a part of a file has taken for the next one, which takes as much; where the C library can be told."""
    if mallopt := getattr(ctypes.CDLL(None), "mallopt", None):
        for parameter, value in (
            (_M_ARENA_MAX, _HEAPS),
            (_M_MMAP_THRESHOLD, _KEPT),
            (_M_TRIM_THRESHOLD, _KEPT),
        ):
            mallopt(parameter, value)


def main() -> None:
    """Enter from the command line: the service's definition, and the worker's process id."""
    target, parent = sys.argv[1:]
    end_with_parent(int(parent))
    # Whoever is in a hurry comes first where cores are few: requests, and events of a moment ago. The nicest that there
    # is, not ``SCHED_IDLE``: on a machine whose cores are all busy that stands still, whatever it has locked.
    os.nice(19)
    _use_memory_again()
    # A terminal's Ctrl-C reaches the worker too, and it is the worker that decides when we stop.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    report = _reports_to_parent()
    module, _, attribute = target.partition(":")
    runtime = Runtime.of(getattr(import_module(module), attribute))
    logging.configure(runtime.service.name, runtime.common.log_level)
    telemetry.export_traces(runtime.service.name, runtime.common.otlp_endpoint)
    uvloop.run(work(runtime, report))


if __name__ == "__main__":
    main()
