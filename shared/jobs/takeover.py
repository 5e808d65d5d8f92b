"""One process at a time works on a service's queue; what it finds half done it does again, at once."""

from __future__ import annotations

import asyncio
import os

import asyncpg

from shared.logging import log

_log = log(__name__)
#: Held by the one process that works on a service's queue; a standby waits for it.
_LOCK = 0x6A6F6273
_STANDBY_SECONDS = 1.0
#: The other machine may vanish without a word: the lock must not stay with it for hours.
_SETTINGS = {"tcp_keepalives_idle": "10", "tcp_keepalives_interval": "5", "tcp_keepalives_count": "3"}
_PLAIN = "postgresql://"

#: Whoever holds the lock is alone, so whatever is marked as picked was picked by a process that died.
_TAKE_JOBS = """
UPDATE pgqueuer SET status = 'queued', queue_manager_id = NULL, slot = NULL, attempts = attempts + 1
WHERE status = 'picked'
"""
_TAKE_SCHEDULES = "UPDATE pgqueuer_schedules SET status = 'queued', next_run = now() WHERE status = 'picked'"
#: PgQueuer drops what it could not put back (it lost its connection just then); we promised to do it.
_FIND_LOST = """
INSERT INTO pgqueuer (entrypoint, payload, status, priority)
SELECT name, uuid_send(id), 'queued', 0 FROM job
WHERE state IN ('queued', 'running') AND NOT EXISTS (SELECT FROM pgqueuer WHERE payload = uuid_send(job.id))
"""


async def take_over(url: str, *, service: str) -> asyncpg.Connection:
    """Wait until nobody else works on the queue; returns the connection that holds it, to work on.

    Losing that connection is losing the queue: somebody else may have it by now, so this process ends on the spot.
    """
    settings = {"application_name": f"fangfan-{service}-jobs", **_SETTINGS}
    url = url.replace("postgresql+asyncpg://", _PLAIN, 1)
    connection = await asyncpg.connect(url, timeout=5, server_settings=settings)
    # Asking again and again: waiting inside PostgreSQL would hold a snapshot that keeps VACUUM from working.
    while not await connection.fetchval("SELECT pg_try_advisory_lock($1)", _LOCK):  # noqa: ASYNC110 - another process lets go of it
        await asyncio.sleep(_STANDBY_SECONDS)
    connection.add_termination_listener(_end_at_once)
    async with connection.transaction():
        for statement in (_TAKE_JOBS, _TAKE_SCHEDULES, _FIND_LOST):
            await connection.execute(statement)
    return connection


async def let_go(connection: asyncpg.Connection) -> None:
    """Leave the queue to the next."""
    connection.remove_termination_listener(_end_at_once)
    await connection.close()


def _end_at_once(_connection: asyncpg.Connection) -> None:
    _log.error("jobs.queue_lost")
    os._exit(1)
