"""The job that keeps turns: whoever came under watch, was lifted or got another official, is on somebody's list."""

from __future__ import annotations

from services.monitoring.followups.turns import set_right
from shared.assembly import Runtime
from shared.database import Database
from shared.identity.principal import system
from shared.jobs import Schedule

#: Households that one transaction sets right.
_CHUNK = 1000
_SYSTEM = system("monitoring")


async def keep_turns(database: Database) -> int:
    """Set turns right; return how many were amiss. Running it again does nothing twice."""
    total = 0
    while True:
        async with database.writing(_SYSTEM) as db:
            done = await set_right(db, most=_CHUNK)
        total += done
        if done < _CHUNK:
            return total


async def run(runtime: Runtime) -> None:
    """Keep turns."""
    await keep_turns(runtime.database)


#: Before limits act (``services.monitoring.overdue.job``), so that these find each turn as it should be.
KEEP_TURNS = Schedule("monitoring.follow_up_turns", "5 * * * *", run)
