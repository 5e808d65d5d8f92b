"""``GET /jobs/{id}`` and its progress as server-sent events."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any
from uuid import UUID

from fastapi import Request
from fastapi.responses import StreamingResponse
from pydantic import BaseModel
from sqlalchemy import text

from shared.assembly import Runtime
from shared.database import Reader
from shared.identity.principal import Principal
from shared.refusal import NotFound
from shared.web import Caller, Reading, Router, refusals, requires

_POLL_SECONDS = 0.4
_SELECT = text(
    """
    SELECT name, state, done, total, unit, result, error, requested_by, requested_at, finished_at
    FROM job WHERE id = :id AND (owner = :owner OR :all)
    """
)


class Progress(BaseModel):
    """How far a job is."""

    done: int
    total: int | None
    unit: str


class JobView(BaseModel):
    """A job as its requester sees it."""

    id: str
    name: str
    #: queued, running, succeeded, failed.
    state: str
    progress: Progress
    result: dict[str, Any] | None
    error: dict[str, Any] | None
    requested_by: str
    requested_at: datetime
    finished_at: datetime | None


def public_id(service: str, job_id: UUID) -> str:
    """Return a job's id as the outside knows it: the service stands in front, for the gateway to find it."""
    return f"{service}-{job_id}"


def jobs_router(service: str) -> Router:
    """Return the endpoints for a service's jobs; one is seen by whoever asked for it."""
    router = Router(prefix="/jobs", tags=["任务 jobs"])

    @router.get(f"/{service}-{{job_id}}", dependencies=[requires(None)], responses=refusals(NotFound))
    async def read_job(db: Reading, job_id: UUID) -> JobView:
        """Return a job's state, progress and result."""
        return await job_view(db, service, job_id)

    @router.get(f"/{service}-{{job_id}}/events", dependencies=[requires(None)], responses=refusals(NotFound))
    async def follow_job(request: Request, db: Reading, caller: Caller, job_id: UUID) -> StreamingResponse:
        """Stream a job's progress until it ends (server-sent events)."""
        await job_view(db, service, job_id)
        stream = _follow(request.app.state.runtime, caller, job_id)
        return StreamingResponse(
            stream, media_type="text/event-stream", headers={"Cache-Control": "no-store"}
        )

    return router


async def job_view(db: Reader, service: str, job_id: UUID) -> JobView:
    """Return a job of the caller's."""
    caller = db.principal
    values = {"id": job_id, "owner": caller.subject, "all": caller.may("jobs:read-all")}
    rows = await db.rows(_SELECT, values)
    if not rows:
        raise NotFound
    name, state, done, total, unit, result, error, requested_by, requested_at, finished_at = rows[0]
    return JobView(
        id=public_id(service, job_id),
        name=name,
        state=state,
        progress=Progress(done=done, total=total, unit=unit),
        result=result,
        error=error,
        requested_by=requested_by,
        requested_at=requested_at,
        finished_at=finished_at,
    )


async def _follow(runtime: Runtime, caller: Principal, job_id: UUID) -> AsyncIterator[str]:
    last = ""
    while not runtime.draining:
        async with runtime.database.reading(caller) as db:
            view = await job_view(db, runtime.service.name, job_id)
        now = view.model_dump_json()
        if now != last:
            yield f"event: job\ndata: {now}\n\n"
            last = now
        if view.state in ("succeeded", "failed"):
            return
        await asyncio.sleep(_POLL_SECONDS)
