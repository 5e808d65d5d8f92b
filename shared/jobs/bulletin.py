"""News of jobs: PostgreSQL tells of each change as it is committed, so that nobody asks again and again.

One connection a process, from when somebody first follows a job. Where it is lost, or cannot be had, a slow poll is the
safety net, as the relay's is.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from functools import partial
from uuid import UUID

import asyncpg

from shared.database import Database
from shared.logging import log
from shared.messaging.outage import is_outage

_log = log(__name__)
_CHANNEL = "fangfan_job"
_CONNECT_SECONDS = 2
#: How soon a job is looked at again where nothing is heard of it.
_POLL_SECONDS = 0.5


class Bulletin:
    """What a process hears of one service's jobs."""

    def __init__(self, database: Database) -> None:
        self._service = database.service
        self._url = database.url
        self._followers: defaultdict[str, set[asyncio.Event]] = defaultdict(set)
        self._connection: asyncpg.Connection | None = None
        self._connecting = asyncio.Lock()

    @asynccontextmanager
    async def following(self, job_id: UUID) -> AsyncIterator[Callable[[], Awaitable[None]]]:
        """Give what waits until a job may have changed: the first time not at all, since nobody listened before."""
        news = asyncio.Event()
        self._followers[str(job_id)].add(news)
        try:
            await self._listen()
            news.set()
            yield partial(_next, news)
        finally:
            self._followers[str(job_id)].remove(news)
            if not self._followers[str(job_id)]:
                del self._followers[str(job_id)]

    async def close(self) -> None:
        """Hear nothing any more."""
        if self._connection:
            with suppress(Exception):
                await self._connection.close(timeout=1)

    async def _listen(self) -> None:
        async with self._connecting:
            if self._connection and not self._connection.is_closed():
                return
            try:
                self._connection = await self._connected()
            except Exception as error:
                if not is_outage(error):
                    raise
                _log.warning("jobs.bulletin_away")

    async def _connected(self) -> asyncpg.Connection:
        connection = await asyncpg.connect(
            self._url,
            timeout=_CONNECT_SECONDS,
            command_timeout=_CONNECT_SECONDS,
            server_settings={"application_name": f"fangfan-{self._service}-bulletin"},
        )
        try:
            await connection.add_listener(_CHANNEL, self._tell)
        except BaseException:
            connection.terminate()
            raise
        return connection

    def _tell(self, _connection: object, _pid: int, _channel: str, job_id: object) -> None:
        for news in self._followers.get(str(job_id), ()):
            news.set()


async def _next(news: asyncio.Event) -> None:
    with suppress(TimeoutError):
        # Not wait_for: in Python 3.11 it may forget a cancellation.
        async with asyncio.timeout(_POLL_SECONDS):
            await news.wait()
    news.clear()
