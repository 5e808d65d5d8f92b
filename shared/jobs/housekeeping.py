"""What every bulk process does beside: forget what is done and long past, and files that nobody waits for."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Collection
from datetime import timedelta
from pathlib import Path

from sqlalchemy import text

from shared.assembly import Runtime
from shared.identity.principal import system
from shared.jobs.definition import Schedule
from shared.messaging import inbox

_PRUNE = (
    # PgQueuer keeps its log and its figures for ever.
    text("DELETE FROM pgqueuer_log WHERE created < now() - interval '1 day'"),
    text("DELETE FROM pgqueuer_statistics WHERE created < now() - interval '7 days'"),
    # What nobody waits for: the house's own errands. What a person asked for stays to be looked up.
    # By the clock that dates them: a rehearsal of last year would forget its jobs within the hour.
    text("DELETE FROM job WHERE finished_at < fangfan_now() - interval '7 days' AND owner LIKE 'system:%'"),
    text("DELETE FROM job WHERE finished_at < fangfan_now() - interval '1 year'"),
    # Whoever sends a request again does so within days.
    text("DELETE FROM answer WHERE stored_at < now() - interval '7 days'"),
)
_ENDED = text(
    "SELECT payload ->> 'path' FROM job WHERE state IN ('succeeded', 'failed') AND payload ? 'path'"
)
_WANTED = text("SELECT payload ->> 'path' FROM job WHERE state IN ('queued', 'running') AND payload ? 'path'")
#: A file that no job knows yet may still be coming in. Files are dated by the real clock, also in a rehearsal.
_LONG_AGO = text("SELECT extract(epoch FROM clock_timestamp() - interval '1 day')")
#: Longer than a copy of an event can be on its way, a bus that is stopped for weeks included.
_INBOX = timedelta(days=60)


async def prune(runtime: Runtime) -> None:
    """Delete what is kept no longer."""
    async with runtime.database.writing(system(runtime.service.name)) as db:
        for statement in _PRUNE:
            await db.execute(statement)
        await inbox.prune(db, keep=_INBOX)


async def sweep(runtime: Runtime) -> None:
    """Delete uploads whose job has ended, however it did, and those that never came to one.

    A folder is left alone until its job has ended: it may still be filled.
    """
    async with runtime.database.reading(system(runtime.service.name)) as db:
        ended = {path for (path,) in await db.rows(_ENDED)}
        wanted = {path for (path,) in await db.rows(_WANTED)}
        long_ago = float(await db.scalar(_LONG_AGO))
    await asyncio.to_thread(_sweep, runtime.spool, ended - wanted, wanted, long_ago)


def _sweep(spool: Path, ended: Collection[str], wanted: Collection[str], long_ago: float) -> None:
    for path in spool.iterdir() if spool.exists() else ():
        orphaned = path.is_file() and str(path) not in wanted and path.stat().st_mtime < long_ago
        if str(path) in ended or orphaned:
            shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)


async def keep_house(runtime: Runtime) -> None:
    """Do all of it."""
    await prune(runtime)
    await sweep(runtime)


HOUSEKEEPING = Schedule("housekeeping", "17 * * * *", keep_house, in_rehearsals=True)
