"""What every bulk process does beside: forget what is done and long past."""

from __future__ import annotations

from datetime import timedelta

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
    text("DELETE FROM job WHERE finished_at < now() - interval '7 days' AND owner LIKE 'system:%'"),
    text("DELETE FROM job WHERE finished_at < now() - interval '1 year'"),
    # Whoever sends a request again does so within days.
    text("DELETE FROM answer WHERE stored_at < now() - interval '7 days'"),
)
#: Longer than a copy of an event can be on its way, a bus that is stopped for weeks included.
_INBOX = timedelta(days=60)


async def prune(runtime: Runtime) -> None:
    """Delete what is kept no longer."""
    async with runtime.database.writing(system(runtime.service.name)) as db:
        for statement in _PRUNE:
            await db.execute(statement)
        await inbox.prune(db, keep=_INBOX)


HOUSEKEEPING = Schedule("housekeeping", "17 * * * *", prune)
