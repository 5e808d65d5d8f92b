"""Sweeping: what nobody names is not kept for ever, nor content that no attachment has."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import ARRAY, Uuid, any_, delete, exists, literal, text
from sqlmodel import col, select

from shared.assembly import Runtime
from shared.attachments.commands import HOLD
from shared.identity.principal import system
from shared.jobs import Schedule
from shared.logging import log

_log = log(__name__)
#: How long an attachment waits for what names it: officers may be without a network for days.
KEPT = timedelta(days=30)
_OWNERLESS = text(
    """
    SELECT held.digest FROM unnest(CAST(:digests AS text[])) AS held (digest)
    WHERE NOT EXISTS (SELECT FROM attachment WHERE attachment.digest = held.digest) ORDER BY held.digest
    """
)


async def sweep(runtime: Runtime) -> None:
    """Delete what nobody named in time, then content that belongs to no attachment (any more)."""
    kept, link = runtime.attachments.kept, runtime.attachments.link
    named = exists().where(col(link.attachment_id) == col(kept.id))
    async with runtime.database.writing(system(runtime.service.name)) as db:
        stale = select(col(kept.id)).where(col(kept.uploaded_at) < db.now - KEPT, ~named)
        held = await db.all(stale.with_for_update(skip_locked=True))
        # Asked again: somebody may have named it until it was held.
        deleted = delete(kept).where(col(kept.id) == any_(literal(held, ARRAY(Uuid))), ~named)
        unnamed = len((await db.execute(deleted.returning(col(kept.id)))).all())
    swept = 0
    async for digests in runtime.storage.digests():
        swept += await _sweep(runtime, digests)
    _log.info("attachments.swept", unnamed=unnamed, contents=swept)


async def _sweep(runtime: Runtime, digests: Sequence[str]) -> int:
    async with runtime.database.reading(system(runtime.service.name)) as db:
        suspects = [digest for (digest,) in await db.rows(_OWNERLESS, {"digests": digests})]
    swept = 0
    for digest in suspects:
        async with runtime.database.writing(system(runtime.service.name)) as db:
            await db.execute(HOLD, {"digest": digest})
            # Asked again: now that it is held, nobody can be about to give it a row.
            if await db.rows(_OWNERLESS, {"digests": [digest]}):
                await runtime.storage.delete(digest)
                swept += 1
    return swept


def sweeping(service: str) -> Schedule:
    """Return a service's nightly sweep."""
    return Schedule(f"{service}.sweep_attachments", "23 3 * * *", sweep)
