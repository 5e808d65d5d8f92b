"""Enqueueing: the job is there exactly if the change that asked for it is."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import orjson
from pgqueuer import AsyncpgDriver, Queries
from sqlalchemy import text

from shared.database import Writer
from shared.keys import uuid7

_INSERT = text(
    """
    INSERT INTO job (id, name, state, payload, requested_by, owner, division_code, requested_at)
    VALUES (:id, :name, 'queued', CAST(:payload AS jsonb), :requested_by, :owner, :division_code, :requested_at)
    """
)


async def enqueue(
    db: Writer, name: str, payload: dict[str, Any], *, division_code: str = "", once: str | None = None
) -> UUID | None:
    """Ask for a job within the caller's transaction; returns its id.

    With ``once``, a job that waits or runs under the same key is enough: then nothing is added and None returned.
    """
    job_id = uuid7()
    queries = Queries(AsyncpgDriver(await db.connection()))
    queued = await queries.enqueue(name, job_id.bytes, dedupe_key=once, on_conflict="skip")
    if queued == [None]:
        return None
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
