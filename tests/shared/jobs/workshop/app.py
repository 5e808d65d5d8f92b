"""A service for the tests of jobs: what it makes, it writes down, with the process that made it."""

from __future__ import annotations

import asyncio
import os
from typing import Any

from sqlalchemy import MetaData, text

from shared.assembly import Runtime, Service
from shared.identity.principal import system
from shared.jobs import Job, JobRun, Schedule
from shared.messaging.reactions import Reactions
from shared.refusal import Fault, Refusal

#: An identity number, made up, with a valid check digit.
PRIVATE = "340621199003078275"
_MAKE = text("INSERT INTO made (what, stage, pid) VALUES (:what, :stage, :pid)")
_MADE = text("SELECT count(*) FROM made WHERE what = :what")


class NoSuchPattern(Refusal):
    """There is no such pattern."""

    status = 422
    code = "no_such_pattern"
    zh = "没有这种图样"


async def make(run: JobRun) -> dict[str, Any]:
    """Make so many stages of something, one by one."""
    stages = run.payload["stages"]
    for stage in range(run.checkpoint.get("done", 0), stages):
        await run.progress(stage, stages, "段 stages")
        await _note(run.runtime, str(run.id), stage)
        await asyncio.sleep(run.payload.get("seconds", 0))
        await run.save(done=stage + 1)
    await run.progress(stages, stages, "段 stages")
    return {"stages": stages, "for": run.requested_by, "errors_url": "/made/errors"}


async def refuse(run: JobRun) -> dict[str, Any]:
    """Refuse at once."""
    await _note(run.runtime, str(run.id), 0)
    raise NoSuchPattern("no A4", zh_detail="没有A4", errors=(Fault("/pattern", "unknown", "?", zh="未知"),))


async def stumble(run: JobRun) -> dict[str, Any]:
    """Fail so many times, with words that nobody should read."""
    async with run.database.reading(system("workshop")) as db:
        stumbled = await db.scalar(_MADE, {"what": str(run.id)})
    await _note(run.runtime, str(run.id), stumbled)
    if stumbled < run.payload["times"]:
        raise ValueError(f"value {PRIVATE} is not in the list")
    return {}


async def lose(run: JobRun) -> dict[str, Any]:
    """Lose the database so many times in the middle of a statement, as when it restarts."""
    async with run.database.reading(system("workshop")) as db:
        lost = await db.scalar(_MADE, {"what": str(run.id)})
    await _note(run.runtime, str(run.id), lost)
    if lost < run.payload["times"]:
        async with run.database.writing(system("workshop")) as db:
            await db.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))
    return {}


async def mislay(run: JobRun) -> dict[str, Any]:
    """Look for a file that is not there."""
    await _note(run.runtime, str(run.id), 0)
    raise FileNotFoundError(run.payload["file"])


async def give_way(run: JobRun) -> dict[str, Any]:
    """Leave its place to others, once or for as long as it may."""
    await _note(run.runtime, str(run.id), run.checkpoint.get("gave_way", 0))
    if run.checkpoint.get("gave_way", 0) < run.payload["times"]:
        await run.give_way()
    return {}


async def hang(run: JobRun) -> dict[str, Any]:
    """Hold what only one can hold, and be stuck in a statement, the first time."""
    async with run.database.writing(system("workshop")) as db:
        await db.execute(text("SELECT pg_advisory_xact_lock(1)"))
        first = not await db.scalar(_MADE, {"what": str(run.id)})
        await _note(run.runtime, str(run.id), 0)
        await db.execute(text("SELECT pg_sleep(:seconds)"), {"seconds": 600 if first else 0})
    return {}


async def tick(runtime: Runtime) -> None:
    """Leave a mark."""
    await _note(runtime, "tick", 0)


async def nap(runtime: Runtime) -> None:
    """Leave a mark and take long, the first time."""
    async with runtime.database.reading(system("workshop")) as db:
        first = not await db.scalar(_MADE, {"what": "nap"})
    await _note(runtime, "nap", 0)
    await asyncio.sleep(600 if first else 0)


async def _note(runtime: Runtime, what: str, stage: int) -> None:
    async with runtime.database.writing(system("workshop")) as db:
        await db.execute(_MAKE, {"what": what, "stage": stage, "pid": os.getpid()})


SERVICE = Service(
    name="workshop",
    title="工坊 Workshop",
    room="tests.shared.jobs.workshop",
    metadata=MetaData(),
    routers=[],
    reactions=Reactions("workshop"),
    jobs=[
        Job("workshop.make", make),
        Job("workshop.refuse", refuse),
        Job("workshop.stumble", stumble, max_attempts=2),
        Job("workshop.lose", lose, max_attempts=2),
        Job("workshop.mislay", mislay, max_attempts=1),
        Job("workshop.give_way", give_way),
        Job("workshop.hang", hang),
    ],
    schedules=[
        Schedule("workshop.tick", "* * * * * */2", tick),
        # At New Year, unless a test says that it is due.
        Schedule("workshop.nap", "0 0 1 1 *", nap),
    ],
)
