"""Carrying out changes of boundaries, when their day has come. Killed anywhere, a change goes on where it was."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlmodel import col, select

from services.household.boundaries.commands import CARRY_OUT, ask_for, begin, finish, refuse
from services.household.boundaries.model import BoundaryChange, ChangeState
from services.household.boundaries.queries import moves_of
from services.household.boundaries.rehoming import rehome
from services.household.households.sources import Source, came_from
from shared.assembly import Runtime
from shared.identity.principal import Principal, system
from shared.jobs import Job, JobRun, Schedule
from shared.refusal import Refusal

_SYSTEM = system("household")


async def carry_out(run: JobRun) -> dict[str, Any]:
    """Carry out a change (payload: change_id)."""
    change_id = UUID(run.payload["change_id"])
    async with run.database.reading(_SYSTEM) as db:
        change = await db.get(BoundaryChange, change_id)
    officer = Principal(change.owner, change.recorded_by, frozenset(), tuple(change.areas))
    reason = f"区划调整 {change.document or change.reason}"
    try:
        async with run.database.writing(officer, reason=reason) as db:
            begun = await begin(db, change_id)
    except Refusal as refusal:
        async with run.database.writing(officer, reason=reason) as db:
            await refuse(db, change_id, words=refusal.zh)
        raise
    ended = not begun
    while not ended:
        await _move_all(run, change, officer, reason)
        async with run.database.writing(officer, reason=reason) as db:
            ended = await finish(db, change_id)
    async with run.database.reading(_SYSTEM) as db:
        done = await db.get(BoundaryChange, change_id)
    return {"change_id": str(change_id), "state": done.state, "households": sum(done.moved)}


async def _move_all(run: JobRun, change: BoundaryChange, officer: Principal, reason: str) -> None:
    for place, move in enumerate(moves_of(change)):
        moved = -1
        while moved:
            async with run.database.writing(officer, reason=reason) as db:
                moved = await rehome(db, move, on=change.effective_on)
                await came_from(db, Source.BOUNDARIES, change.id)
                known = await db.get(BoundaryChange, change.id)
                known.moved = [count + moved * (each == place) for each, count in enumerate(known.moved)]
                await db.flush()
                done = sum(known.moved)
            await run.progress(done, None, "户 households")


async def carry_out_due(runtime: Runtime) -> None:
    """Ask for every change whose day has come."""
    async with runtime.database.writing(_SYSTEM) as db:
        due = select(BoundaryChange).where(
            col(BoundaryChange.state) == ChangeState.PLANNED.value,
            col(BoundaryChange.effective_on) <= db.today,
        )
        for change in await db.all(due.order_by(col(BoundaryChange.id))):
            await ask_for(db, change.id)


CARRY_OUT_BOUNDARIES = Job(CARRY_OUT, carry_out)
#: The day begins at midnight in China, and a county may work by another calendar in a rehearsal.
BOUNDARIES_DUE = Schedule("household.boundaries_due", "*/10 * * * *", carry_out_due)
