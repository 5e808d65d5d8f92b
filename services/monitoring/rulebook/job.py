"""Asking all rules of everybody: every night, and whenever somebody asks for it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from services.monitoring.rulebook.queries import rules
from services.monitoring.rulebook.raising import raise_hits, tell_hits
from shared.assembly import Runtime
from shared.database import Writer
from shared.domain.division import NATION
from shared.identity.principal import system
from shared.jobs import Job, JobRun, Schedule, enqueue

SCREEN = "monitoring.screening"
_SYSTEM = system("monitoring")


async def ask_for_screening(db: Writer) -> UUID:
    """Ask for a screening of all households; one that still waits is enough."""
    return await enqueue(db, SCREEN, {}, division_code=NATION, once="screening")


async def run_screening(run: JobRun) -> dict[str, Any]:
    """Ask rule after rule, then make clues of what is new; a killed run goes on where it was."""
    async with run.database.reading(_SYSTEM) as db:
        known = [rule for rule in (await rules(db)).values() if not rule.told_by]
    asked, new = int(run.checkpoint.get("asked", 0)), int(run.checkpoint.get("new", 0))
    for place, rule in enumerate(known[asked:], start=asked + 1):
        async with run.database.writing(_SYSTEM, reason="规则筛查") as db:
            new += await raise_hits(db, rule)
        await run.progress(place, len(known), "条 rules")
        await run.save(asked=place, new=new)
    told = 0
    while True:
        async with run.database.writing(_SYSTEM, reason="规则筛查") as db:
            taken = await tell_hits(db)
        if not taken:
            return {"rules": len(known), "new": new, "told": told}
        told += taken


async def screen_all(runtime: Runtime) -> None:
    """Ask for the nightly screening."""
    async with runtime.database.writing(_SYSTEM) as db:
        await ask_for_screening(db)


SCREENING = Job(SCREEN, run_screening)
#: At half past two at night in China.
NIGHTLY = Schedule("monitoring.nightly_screening", "30 18 * * *", screen_all)
