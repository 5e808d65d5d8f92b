"""Finishing what was begun."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from shared.messaging.patience import finishing


async def _cancelled_during(seconds: float, *, grace: float) -> bool:
    """Cancel work that takes so long; tell whether it was finished all the same."""
    finished = asyncio.Event()

    async def work() -> None:
        await asyncio.sleep(seconds)
        finished.set()

    task = asyncio.create_task(finishing(work(), grace=grace))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    assert task.cancelled()
    return finished.is_set()


async def test_work_that_was_begun_is_finished_before_stopping() -> None:
    assert await _cancelled_during(0.05, grace=5)


async def test_patience_ends() -> None:
    assert not await _cancelled_during(5, grace=0.05)
