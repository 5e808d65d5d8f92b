"""Running the checks: on demand over a division, and every night over all that is registered."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, insert
from sqlmodel import col

from services.household.quality.catalog import Check, checks
from services.household.quality.model import QualityFigure, QualityRun
from services.household.quality.queries import counts_by_check, range_of
from shared.assembly import Runtime
from shared.database import Writer
from shared.domain.division import NATION
from shared.identity.principal import system
from shared.jobs import Job, JobRun, Schedule, enqueue

RUN_CHECKS = "household.run_quality_checks"
_SYSTEM = system("household")
#: Trends are read over years of runs on demand, and over a bit more than one year of nights.
_KEEP = timedelta(days=400)


async def ask_for_run(db: Writer, division: str) -> UUID:
    """Ask for a run over a division, in the area of whoever asks; one that still waits is enough."""
    areas = db.principal.areas
    return await enqueue(
        db,
        RUN_CHECKS,
        {"division": division, "areas": areas},
        division_code=division,
        once=f"quality:{division}:{','.join(areas)}",
    )


async def run_checks(run: JobRun) -> dict[str, Any]:
    """Run all checks over a division (payload: division, areas); a killed run goes on with the check that it was at."""
    division = run.payload["division"]
    async with run.database.writing(_SYSTEM) as db:
        started = await db.find(QualityRun, run.id)
        if started is None:
            db.add(QualityRun(id=run.id, division=division, asked_by=run.requested_by, started_at=db.now))
    done = int(run.checkpoint.get("done", 0))
    for place, check in enumerate(checks()[done:], start=done + 1):
        await _count(run, check)
        await run.progress(place, len(checks()), "项 checks")
        await run.save(done=place)
    async with run.database.writing(_SYSTEM) as db:
        (await db.get(QualityRun, run.id)).finished_at = db.now
        await db.flush()
        counts = await counts_by_check(db, run.id)
    return {"run_id": str(run.id), "division": division, "findings": sum(counts.values()), "by_check": counts}


async def _count(run: JobRun, check: Check) -> None:
    low, high = range_of(run.payload["division"])
    # Whoever asked is told of no more than what is theirs to see, and PostgreSQL lets no check write.
    async with run.database.reading(replace(_SYSTEM, areas=tuple(run.payload["areas"]))) as db:
        rows = await db.rows(check.counted(db.today), {"low": low, "high": high})
    figures = [
        {"run_id": run.id, "check_code": check.code, "division_code": village, "findings": findings}
        for village, findings in rows
    ]
    async with run.database.writing(_SYSTEM) as db:
        # An attempt that died between the count and its checkpoint has left its figures.
        await db.execute(
            delete(QualityFigure).where(
                col(QualityFigure.run_id) == run.id, col(QualityFigure.check_code) == check.code
            )
        )
        if figures:
            await db.execute(insert(QualityFigure), figures)


async def check_all(runtime: Runtime) -> None:
    """Ask for the nightly run, and forget the runs of more than a year ago."""
    async with runtime.database.writing(_SYSTEM) as db:
        await ask_for_run(db, NATION)
        old = col(QualityRun.started_at) < db.now - _KEEP
        gone = [key for (key,) in await db.rows(delete(QualityRun).where(old).returning(col(QualityRun.id)))]
        await db.execute(delete(QualityFigure).where(col(QualityFigure.run_id).in_(gone)))


QUALITY_CHECKS = Job(RUN_CHECKS, run_checks)
#: At two at night in China.
NIGHTLY = Schedule("household.nightly_quality", "0 18 * * *", check_all)
