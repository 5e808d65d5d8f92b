"""The scan: everybody of a division compared with everybody, some households at a time."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import text

from services.household.duplicates.finding import find
from shared.domain.division import area_range
from shared.identity.principal import system
from shared.jobs import Job, JobRun

#: Households a transaction.
_BATCH = 1000
_HOUSEHOLDS = text(
    "SELECT id FROM household WHERE division_code >= :low AND division_code < :high ORDER BY id"
)
_OPEN = text(
    """
    SELECT count(*) FROM probable_duplicate WHERE state = 'open' AND EXISTS (SELECT FROM member
        WHERE id IN (one_id, other_id) AND division_code >= :low AND division_code < :high)
    """
)


async def scan(run: JobRun) -> dict[str, Any]:
    """Find the probable duplicates of a division (payload: division); a killed scan goes on where it was."""
    low, high = area_range(run.payload["division"])
    area = {"low": low, "high": high}
    async with run.database.reading(system("household")) as db:
        ids: list[UUID] = [key for (key,) in await db.rows(_HOUSEHOLDS, area)]
    for start in range(int(run.checkpoint.get("done", 0)), len(ids), _BATCH):
        batch = ids[start : start + _BATCH]
        async with run.database.writing(system("household"), reason="疑似重复扫描") as db:
            await find(db, batch, found_by="scan")
        await run.progress(start + len(batch), len(ids), "户 households")
        await run.save(done=start + len(batch))
    async with run.database.reading(system("household")) as db:
        waiting = await db.scalar(_OPEN, area)
    return {"division": run.payload["division"], "households": len(ids), "open": waiting}


FIND_DUPLICATES = Job("household.find_duplicates", scan)
