"""What every bulk process does beside: forget what is done and long past."""

from __future__ import annotations

from sqlalchemy import text

from shared.assembly import Runtime
from shared.identity.principal import system
from shared.jobs.definition import Schedule

_PRUNE = (
    # PgQueuer keeps its log and its figures for ever.
    text("DELETE FROM pgqueuer_log WHERE created < now() - interval '1 day'"),
    text("DELETE FROM pgqueuer_statistics WHERE created < now() - interval '7 days'"),
    # What nobody waits for: the house's own errands. What a person asked for stays to be looked up.
    text("DELETE FROM job WHERE finished_at < now() - interval '7 days' AND owner LIKE 'system:%'"),
    text("DELETE FROM job WHERE finished_at < now() - interval '1 year'"),
)


async def prune(runtime: Runtime) -> None:
    """Delete what is kept no longer."""
    async with runtime.database.writing(system(runtime.service.name)) as db:
        for statement in _PRUNE:
            await db.execute(statement)


HOUSEKEEPING = Schedule("housekeeping", "17 * * * *", prune)
