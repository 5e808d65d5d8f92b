"""``GET /jobs/{id}`` and its progress as server-sent events."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Path, Request
from fastapi.sse import EventSourceResponse
from pydantic import BaseModel
from sqlalchemy import text

from shared.assembly import Runtime
from shared.database import Reader
from shared.refusal import NotFound
from shared.web import Caller, Reading, Router, refusals, requires
from shared.web.language import InLanguage, Language
from shared.web.problems import Problem

_ENDED = frozenset({"succeeded", "failed"})
_SELECT = text(
    """
    SELECT owner = :owner AS is_own, division_code,
        name, state, done, total, unit, result, error, requested_by, requested_at, finished_at
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
    #: Why it failed.
    error: Problem | None
    #: Where the rows that were refused can be read, if the job's feature keeps them.
    errors_url: str | None
    requested_by: str
    requested_at: datetime
    finished_at: datetime | None


def public_id(service: str, job_id: UUID) -> str:
    """Return a job's id as the outside knows it: the service stands in front, for the gateway to find it."""
    return f"{service}-{job_id}"


JobId = Annotated[
    UUID,
    Path(description="任务标识，见应答中的 job。Of the job, behind its service's name: `job` of an answer."),
]


async def seen_job(request: Request, db: Reading, language: InLanguage, job_id: JobId) -> JobView:
    """Return the job of the path, refused to all but whoever asked for it and the area's administrators."""
    return await job_view(db, request.app.state.runtime.service.name, job_id, language)


SeenJob = Annotated[JobView, Depends(seen_job)]


def jobs_router(service: str, prefix: str = "") -> Router:
    """Return the endpoints for a service's jobs, below ``prefix``; one is seen by whoever asked for it.

    Administrators see those of their area.
    """
    router = Router(prefix=f"{prefix}/jobs", tags=["任务 jobs"])

    @router.get(f"/{service}-{{job_id}}", dependencies=[requires(None)], responses=refusals(NotFound))
    async def read_job(job: SeenJob) -> JobView:
        """Return a job's state, progress and result."""
        return job

    @router.get(
        f"/{service}-{{job_id}}/events",
        dependencies=[requires(None)],
        responses=refusals(NotFound),
        response_class=EventSourceResponse,
    )
    async def follow_job(
        request: Request, caller: Caller, language: InLanguage, job_id: JobId, job: SeenJob
    ) -> AsyncIterator[JobView]:
        """Stream a job until it ends (server-sent events), each time that it has changed."""
        runtime: Runtime = request.app.state.runtime
        async with request.app.state.bulletin.following(job_id) as news:
            yield job
            while job.state not in _ENDED and not runtime.draining:
                await news()
                async with runtime.database.reading(caller) as db:
                    now = await job_view(db, service, job_id, language)
                if now != job:
                    yield now
                job = now

    return router


async def job_view(db: Reader, service: str, job_id: UUID, language: Language) -> JobView:
    """Return a job of the caller's; to an administrator, of anybody's in the own area."""
    caller = db.principal
    values = {"id": job_id, "owner": caller.subject, "all": caller.may("jobs:read-all")}
    rows = await db.rows(_SELECT, values)
    if not rows or not (rows[0].is_own or caller.covers(rows[0].division_code)):
        raise NotFound
    name, state, done, total, unit, result, error, requested_by, requested_at, finished_at = rows[0][2:]
    return JobView(
        id=public_id(service, job_id),
        name=name,
        state=state,
        progress=Progress(done=done, total=total, unit=unit),
        result=result,
        error=Problem(**error[language]) if error else None,
        errors_url=(result or {}).get("errors_url"),
        requested_by=requested_by,
        requested_at=requested_at,
        finished_at=finished_at,
    )
