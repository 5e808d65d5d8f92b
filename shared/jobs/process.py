"""Keeping the bulk process alive: started by the worker, started again when it dies, stopped with it."""

from __future__ import annotations

import asyncio
import os
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from shared.assembly import Runtime
from shared.jobs.metrics import observe
from shared.logging import log

_log = log(__name__)
_FIRST_WAIT, _LONGEST_WAIT = 0.2, 10.0
#: A process that lived so long had started well: its successor need not wait.
_LIVED_SECONDS = 5.0


@asynccontextmanager
async def jobs_process(runtime: Runtime) -> AsyncIterator[None]:
    """Keep the service's bulk process running inside the block; it stops at its jobs' next checkpoints."""
    service = runtime.service
    keeper = asyncio.create_task(_keep(service.name, service.package, runtime.common.drain_seconds))
    try:
        yield
    finally:
        keeper.cancel()
        with suppress(asyncio.CancelledError):
            await keeper


async def _keep(service: str, package: str, drain_seconds: int) -> None:
    loop, wait = asyncio.get_running_loop(), _FIRST_WAIT
    while True:
        started = loop.time()
        try:
            process = await _start(package)
        except OSError as error:
            _log.warning("jobs.process_not_started", service=service, error=type(error).__name__)
        else:
            try:
                status = await _attend(process, service)
            except asyncio.CancelledError:
                await _end(process, service, drain_seconds)
                raise
            _log.warning("jobs.process_died", service=service, status=status)
        if loop.time() - started > _LIVED_SECONDS:
            wait = _FIRST_WAIT
        await asyncio.sleep(wait)
        wait = min(wait * 2, _LONGEST_WAIT)


async def _start(package: str) -> Process:
    target, parent = f"{package}.app:SERVICE", str(os.getpid())
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "shared.jobs.child", target, parent, stdin=DEVNULL, stdout=PIPE
    )


async def _attend(process: Process, service: str) -> int:
    """Count what the process tells of its jobs, until it ends; returns how."""
    if process.stdout is not None:
        async for line in process.stdout:
            observe(service, line)
    return await process.wait()


async def _end(process: Process, service: str, drain_seconds: int) -> None:
    with suppress(ProcessLookupError):
        process.terminate()
    try:
        async with asyncio.timeout(drain_seconds):
            await _attend(process, service)
    except TimeoutError:
        # Its jobs resume from their checkpoints at the next start.
        process.kill()
        await process.wait()
