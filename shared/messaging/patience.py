"""Waiting well: back off from what is down, and finish what was begun before stopping."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Coroutine
from typing import Any, TypeVar

from shared.logging import log
from shared.messaging.reasons import reason_of

T = TypeVar("T")

_FIRST_SECONDS = 0.1
_LONGEST_SECONDS = 5.0


class Backoff:
    """Ever longer pauses while something is down; its going and its coming back are logged, once each."""

    def __init__(self, what: str, **context: str) -> None:
        self._what = what
        self._log = log(__name__).bind(**context)
        self._failures = 0

    async def pause(self, error: BaseException) -> None:
        """Wait before the next try."""
        if not self._failures:
            self._log.warning(f"{self._what}.lost", reason=reason_of(error))
        # Jitter: all processes lost it at the same moment, and must not all come back at the same moment.
        longest = min(_LONGEST_SECONDS, _FIRST_SECONDS * 2 ** min(self._failures, 16))
        self._failures += 1
        await asyncio.sleep(random.uniform(longest / 2, longest))  # noqa: S311 - no secret

    def succeeded(self) -> None:
        """Start from the shortest pause again."""
        if self._failures:
            self._log.info(f"{self._what}.back", failures=self._failures)
        self._failures = 0


async def finishing(work: Coroutine[Any, Any, T], *, grace: float) -> T:
    """Await; when cancelled meanwhile, let the work end first, within so many seconds."""
    task = asyncio.create_task(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait((task,), timeout=grace)
        task.cancel()
        await asyncio.wait((task,))
        raise
