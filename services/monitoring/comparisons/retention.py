"""What is kept of strangers, and of batches that do not count any more, is deleted in time (个人信息最小必要)."""

from __future__ import annotations

import asyncio
import shutil
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import text
from sqlmodel import col, select

from services.monitoring.batches.model import Comparison
from services.monitoring.batches.rows import PERSON
from services.monitoring.comparisons.pages import folder_of
from services.monitoring.comparisons.queries import find_failure, lines_of_parts
from services.monitoring.comparisons.supersession import one_at_a_time
from shared import clock
from shared.assembly import Runtime
from shared.database import Database
from shared.domain.dated import DatedRule, nearest, read_rules
from shared.identity.principal import system
from shared.jobs import Schedule

_SYSTEM = system("monitoring")
#: A batch whose job has failed counts as little as one that was corrected, whatever parts of it are stored.
_CANDIDATES = text(
    """
    SELECT * FROM (
        SELECT batch.id, batch.owner, batch.division_code, coalesce(batch.finished_at, job.finished_at) AS ended_at,
            purged_at, emptied_at,
            batch.finished_at IS NULL AS failed,
            superseded_by IS NOT NULL OR withdrawn_at IS NOT NULL OR batch.finished_at IS NULL AS replaced
        FROM comparison batch LEFT JOIN job ON job.id = batch.job_id AND job.state = 'failed'
        WHERE batch.finished_at IS NOT NULL OR job.finished_at IS NOT NULL) ended
    WHERE CASE WHEN replaced THEN emptied_at IS NULL ELSE purged_at IS NULL END ORDER BY id
    """
)
#: What a person refused stays as long as the batch counts: the digest alone, which tells it again in a correction.
_FORGET_ROWS = text(
    """
    DELETE FROM comparison_result
    WHERE comparison_id = :id AND line BETWEEN :first AND :last
        AND (:all OR outcome = 'unmatched' AND match IS DISTINCT FROM :person)
    """
)
_FORGET_BLOCKS = text(
    "DELETE FROM comparison_block WHERE comparison_id = :id AND (:all OR outcome = 'unmatched')"
)
_FORGET_PARTS = text(
    """
    DELETE FROM comparison_part part USING comparison batch
    WHERE part.comparison_id = :id AND batch.id = :id AND batch.finished_at IS NULL
    """
)
_FORGET_REJECTS = (
    text("DELETE FROM comparison_reject WHERE comparison_id = :id"),
    text("DELETE FROM comparison_refused WHERE comparison_id = :id"),
)
_UNCLOSED = text("SELECT id, division_code, requested_at FROM comparison WHERE digest = '' ORDER BY id")
#: Nobody keeps a county that long (``counties``); by the database's own clock, as they are noted.
_FORGET_CHANGES = text("DELETE FROM person_change WHERE noted_at < now() - interval '1 day'")
_FORGET_PAGES = text("DELETE FROM comparison_page WHERE comparison_id = :id")


class Retention(DatedRule):
    """How many days traces are kept."""

    strangers: int
    replaced: int
    unclosed: int


async def run(runtime: Runtime) -> None:
    """Delete what is kept no longer."""
    database = runtime.database
    async with database.reading(_SYSTEM) as db:
        batches, unclosed, now = await db.rows(_CANDIDATES), await db.rows(_UNCLOSED), db.now
    for batch in batches:
        kept = _kept(batch.division_code, now)
        days = kept.replaced if batch.replaced else kept.strangers
        if now - batch.ended_at <= timedelta(days=days):
            continue
        if not batch.failed or await _is_given_up(database, batch.id, batch.owner):
            await _purge(database, batch.id, replaced=batch.replaced)
    for batch in unclosed:
        if now - batch.requested_at > timedelta(days=_kept(batch.division_code, now).unclosed):
            await _give_up(runtime, batch.id)
    await _forget_orphans(runtime)
    async with database.writing(_SYSTEM) as db:
        await db.execute(_FORGET_CHANGES)


async def _is_given_up(database: Database, comparison_id: UUID, owner: str) -> bool:
    """Tell whether a batch that failed may be forgotten: sent again from now on, its file is another batch."""
    async with database.writing(_SYSTEM, reason="到期清除") as db:
        await one_at_a_time(db, "intake", owner)
        batch = await db.get(Comparison, comparison_id)
        # It may have been sent again at this moment.
        if await find_failure(db, batch) is None:
            return False
        batch.purged_at = db.now
        return True


async def _purge(database: Database, comparison_id: UUID, *, replaced: bool) -> None:
    """Delete strangers' rows and rejects, of a batch that counts no more all rows; part by part."""
    async with database.reading(_SYSTEM) as db:
        parts = await lines_of_parts(db, comparison_id)
    for lines in parts:
        async with database.writing(_SYSTEM) as db:
            await db.execute(
                _FORGET_ROWS,
                {
                    "id": comparison_id,
                    "first": lines.start,
                    "last": lines.stop - 1,
                    "all": replaced,
                    "person": PERSON,
                },
            )
    async with database.writing(_SYSTEM, reason="到期清除") as db:
        for statement in (*_FORGET_REJECTS, _FORGET_PARTS):
            await db.execute(statement, {"id": comparison_id})
        await db.execute(_FORGET_BLOCKS, {"id": comparison_id, "all": replaced})
        comparison = await db.get(Comparison, comparison_id)
        comparison.purged_at = comparison.purged_at or db.now
        comparison.emptied_at = db.now if replaced else None


async def _give_up(runtime: Runtime, comparison_id: UUID) -> None:
    """Forget a batch whose pages stopped coming."""
    async with runtime.database.writing(_SYSTEM, reason="分页数据未完成") as db:
        # A page that comes at this moment finds no batch any more.
        await one_at_a_time(db, "pages", str(comparison_id))
        await db.execute(_FORGET_PAGES, {"id": comparison_id})
        await db.delete(await db.get(Comparison, comparison_id))
    await asyncio.to_thread(shutil.rmtree, folder_of(runtime.spool, comparison_id), ignore_errors=True)


async def _forget_orphans(runtime: Runtime) -> None:
    """Delete pages whose batch is gone, given up by a process that then died; others go with their job."""
    folders = {UUID(folder.stem): folder for folder in runtime.spool.glob("*.pages")}
    async with runtime.database.reading(_SYSTEM) as db:
        known = await db.all(select(Comparison.id).where(col(Comparison.id).in_(folders)))
    for orphan in folders.keys() - set(known):
        await asyncio.to_thread(shutil.rmtree, folders[orphan], ignore_errors=True)


def _kept(division_code: str, now: datetime) -> Retention:
    return nearest(read_rules(Retention, __package__, "retention.yaml"), division_code, clock.date_of(now))


#: At night: it reads through what is kept.
RETENTION = Schedule("monitoring.comparison_retention", "40 18 * * *", run)
