"""The job that lets the limits of help act: what is missing after its last day is marked and told, once a tagging."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from services.monitoring.gaps.conditions import missing, was_late
from services.monitoring.gaps.model import Duty, LateDuty
from services.monitoring.limits import due
from services.monitoring.monitored.model import MonitoredObject
from services.monitoring.monitored.states import UNDER_WATCH
from shared.assembly import Runtime
from shared.contracts.monitoring import HelpOverdue
from shared.database import Database, Reader, Writer
from shared.domain.working_days import add_days
from shared.identity.principal import system
from shared.jobs import Schedule
from shared.keys import uuid7

#: Objects that one transaction looks at.
_CHUNK = 1000
_SYSTEM = system("monitoring")
_FIRST = UUID(int=0)


class Round(NamedTuple):
    """What one transaction did: the last object that it looked at, if there was one, and how many it marked."""

    last: UUID | None
    marked: int


async def mark_late(database: Database) -> int:
    """Mark and tell of all that is late and not marked yet; return how many. Running it again does nothing twice."""
    marked = 0
    for duty in Duty:
        after: UUID | None = _FIRST
        while after is not None:
            after, new = await _mark(database, duty, after)
            marked += new
    return marked


async def _mark(database: Database, duty: Duty, after: UUID) -> Round:
    async with database.writing(_SYSTEM) as db:
        owed = await _owed(db, duty, after)
        rows = [
            {
                "id": uuid7(),
                "monitored_id": row.id,
                "household_id": row.household_id,
                "division_code": row.division_code,
                "duty": duty,
                "tagged_on": row.tagged_on,
                "due_on": limit.on,
                "due_rule": limit.rule,
                "overdue_on": add_days(limit.on, 1, "natural"),
            }
            for row in owed
            if (limit := due(duty, row.division_code, row.tagged_on)).on < db.today
        ]
        marked = await _store(db, rows) if rows else 0
        return Round(owed[-1].id if owed else None, marked)


async def _owed(db: Reader, duty: Duty, after: UUID) -> Sequence[Any]:
    wanted = missing(db.today)
    since = wanted.owed_since[duty]
    return await db.rows(
        select(
            col(MonitoredObject.id),
            col(MonitoredObject.household_id),
            col(MonitoredObject.division_code),
            since.label("tagged_on"),
        )
        .where(
            col(MonitoredObject.id) > after,
            col(MonitoredObject.status).in_(UNDER_WATCH),
            wanted.duties[duty],
            ~was_late(duty, since),
        )
        .order_by(col(MonitoredObject.id))
        .limit(_CHUNK)
    )


async def _store(db: Writer, rows: list[dict[str, Any]]) -> int:
    stored = await db.execute(insert(LateDuty).values(rows).on_conflict_do_nothing().returning(LateDuty))
    marks = stored.scalars().all()
    db.record(*(HelpOverdue.model_validate(mark, from_attributes=True) for mark in marks))
    return len(marks)


async def run(runtime: Runtime) -> None:
    """Let the limits of help act."""
    await mark_late(runtime.database)


HELP_OVERDUE = Schedule("monitoring.help_overdue", "20 * * * *", run)
