"""A worker in a process of its own, to be killed: ``python -m tests.shared.jobs.workshop.worker``."""

from __future__ import annotations

import asyncio

from shared.assembly import Runtime
from shared.jobs.process import jobs_process
from tests.shared.jobs.workshop.app import SERVICE


async def _work() -> None:
    async with jobs_process(Runtime.of(SERVICE)):
        await asyncio.Event().wait()


asyncio.run(_work())
