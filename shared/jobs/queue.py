"""Enqueueing: the job is there exactly if the change that asked for it is."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import orjson
from pgqueuer import AsyncpgDriver, Queries
from sqlalchemy import text

from shared.database import Writer
from shared.keys import uuid7
from shared.telemetry import current_traceparent

_INSERT = text(
    """
    INSERT INTO job (id, name, state, payload, requested_by, owner, division_code, requested_at)
    VALUES (:id, :name, 'queued', CAST(:payload AS jsonb), :requested_by, :owner, :division_code, :requested_at)
    """
)
_QUEUED = text("SELECT payload FROM pgqueuer WHERE id = :number")


async def enqueue(
    db: Writer,
    name: str,
    payload: dict[str, Any],
    *,
    division_code: str = "",
    once: str | None = None,
    priority: int = 0,
) -> UUID:
    """Ask for a job within the caller's transaction; returns its id.

    With ``once``, a job that still waits under the same key is enough, and its id is returned: a run that begins
    after this change is certain, a second one is spared. Callers of one key wait for each other's transactions.

    Of jobs of one kind that wait, those of a higher priority begin first.
    """
    job_id = uuid7()
    queued = await _queue(db, name, job_id, once=once, priority=priority)
    if queued != job_id:
        return queued
    await db.execute(
        _INSERT,
        {
            "id": job_id,
            "name": name,
            "payload": orjson.dumps(payload, default=str).decode(),
            "requested_by": db.principal.name,
            "owner": db.principal.subject,
            "division_code": division_code,
            "requested_at": db.now,
        },
    )
    return job_id


async def _queue(db: Writer, name: str, job_id: UUID, *, once: str | None, priority: int) -> UUID:
    """Put a job into the queue; returns the one that waits there under its key."""
    queries = Queries(AsyncpgDriver(await db.connection()))
    traceparent = current_traceparent()
    # Unlike to skip, to update locks the waiting row: it cannot start before this change is there to be seen.
    [number] = await queries.enqueue(
        name,
        job_id.bytes,
        priority,
        dedupe_key=once,
        headers={"traceparent": traceparent} if traceparent else None,
        on_conflict="update_priority",
    )
    return UUID(bytes=await db.scalar(_QUEUED, {"number": number}))
