"""Keeping the bulk process alive: started by the worker, started again when it dies, stopped with it."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from shared.assembly import Runtime
from shared.logging import log

_log = log(__name__)
_FIRST_WAIT, _LONGEST_WAIT = 0.2, 10.0
#: A process that lived so long had started well: its successor need not wait.
_LIVED_SECONDS = 10.0


@asynccontextmanager
async def jobs_process(runtime: Runtime) -> AsyncIterator[None]:
    """Keep the service's bulk process running inside the block."""
    service = runtime.service
    if not service.jobs and not service.schedules:
        yield
        return
    keeper = asyncio.create_task(_keep(f"{service.package}.app:SERVICE", runtime.common.drain_seconds))
    try:
        yield
    finally:
        keeper.cancel()
        with suppress(asyncio.CancelledError):
            await keeper


async def _keep(target: str, drain_seconds: int) -> None:
    loop, wait = asyncio.get_running_loop(), _FIRST_WAIT
    while True:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "shared.jobs.child",
            target,
            str(os.getpid()),
            stdin=asyncio.subprocess.DEVNULL,
        )
        started = loop.time()
        try:
            status = await process.wait()
        except asyncio.CancelledError:
            await _end(process, drain_seconds)
            raise
        _log.warning("jobs.process_died", status=status)
        wait = _FIRST_WAIT if loop.time() - started > _LIVED_SECONDS else min(wait * 2, _LONGEST_WAIT)
        await asyncio.sleep(wait)


async def _end(process: asyncio.subprocess.Process, drain_seconds: int) -> None:
    with suppress(ProcessLookupError):
        process.terminate()
    try:
        await asyncio.wait_for(process.wait(), drain_seconds)
    except TimeoutError:
        # The job resumes from its checkpoint at the next start.
        process.kill()
        await process.wait()
