"""The job that marks loans which still run after their last day."""

from __future__ import annotations

from sqlalchemy import update
from sqlmodel import col

from services.monitoring.credits.model import SmallCredit
from shared.assembly import Runtime
from shared.database import Database
from shared.identity.principal import system
from shared.jobs import Schedule


async def mark_overdue(database: Database) -> int:
    """Mark what fell due and is not marked yet, with the day on which it became overdue; return how many."""
    async with database.writing(system("monitoring")) as db:
        due = col(SmallCredit.due_on)
        marked = await db.execute(
            update(SmallCredit)
            .where(
                col(SmallCredit.closed_on).is_(None), col(SmallCredit.overdue_on).is_(None), due < db.today
            )
            .values(overdue_on=due + 1)
            .execution_options(synchronize_session=False)
        )
        return marked.rowcount


async def run(runtime: Runtime) -> None:
    """Mark overdue loans."""
    await mark_overdue(runtime.database)


CREDITS_OVERDUE = Schedule("monitoring.credits_overdue", "15 * * * *", run)
