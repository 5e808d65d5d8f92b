"""The job for those who wait although they are known: who came in the same moment as the news of them."""

from __future__ import annotations

from services.monitoring.applications.commands import take_up_waiting
from shared.assembly import Runtime
from shared.identity.principal import system
from shared.jobs import Schedule


async def run(runtime: Runtime) -> None:
    """Turn every application of somebody known into a clue."""
    taken = 1
    while taken:
        async with runtime.database.writing(system(runtime.service.name)) as db:
            taken = await take_up_waiting(db)


TAKE_UP_APPLICATIONS = Schedule("monitoring.take_up_applications", "25 * * * *", run)
