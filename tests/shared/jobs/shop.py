"""The workshop as the tests see it: from its worker's side, and behind row-level security."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from typing import Any
from uuid import UUID

import asyncpg

from shared.domain.division import NATION
from shared.identity.principal import Principal
from shared.jobs import enqueue
from shared.jobs.process import jobs_process
from tests.clients import ServiceUnderTest
from tests.shared.messaging.station import eventually

ASKER = Principal("officer-1", "王建国", frozenset(), (NATION,))


class Shop:
    """One workshop with its database."""

    def __init__(self, under: ServiceUnderTest, admin: asyncpg.Connection) -> None:
        self.under = under
        self.admin = admin

    def working(self) -> AbstractAsyncContextManager[None]:
        """Keep a bulk process inside the block, as a worker does."""
        return jobs_process(self.under.runtime)

    async def ask(self, name: str, **payload: Any) -> UUID:
        """Commit a change that asks for a job."""
        async with self.under.database.writing(ASKER) as db:
            return await enqueue(db, f"workshop.{name}", payload, division_code="340621000000")

    async def job(self, job_id: UUID) -> asyncpg.Record:
        """Return a job as it stands."""
        found: asyncpg.Record = await self.admin.fetchrow("SELECT * FROM job WHERE id = $1", job_id)
        return found

    async def becomes(self, job_id: UUID, state: str, within: float = 20) -> asyncpg.Record:
        """Wait until a job is in that state."""

        async def is_so() -> bool:
            return bool((await self.job(job_id))["state"] == state)

        await eventually(is_so, lambda: self.job(job_id), within)
        return await self.job(job_id)

    async def made(self, what: UUID | str) -> list[int]:
        """Return the stages that were made, in the order in which they were."""
        rows = await self.admin.fetch("SELECT stage FROM made WHERE what = $1 ORDER BY turn", str(what))
        return [row["stage"] for row in rows]

    async def makers(self) -> list[int]:
        """Return the processes that made something, first come first."""
        rows = await self.admin.fetch("SELECT pid FROM made GROUP BY pid ORDER BY min(turn)")
        return [row["pid"] for row in rows]

    async def makes(self, what: UUID | str, count: int = 1, within: float = 20) -> None:
        """Wait until so many stages were made."""

        async def is_so() -> bool:
            return len(await self.made(what)) >= count

        await eventually(is_so, lambda: self.made(what), within)

    async def queued(self) -> int:
        """Return how many jobs are in PgQueuer's own table."""
        return int(await self.admin.fetchval("SELECT count(*) FROM pgqueuer"))

    async def is_clear(self) -> bool:
        """Tell whether the queue is empty."""
        return await self.queued() == 0
