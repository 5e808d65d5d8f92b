"""``/monitored/{id}/archive``."""

from __future__ import annotations

from uuid import UUID

from fastapi import Request, Response

from services.monitoring.archive import commands, queries
from services.monitoring.archive.document import document_of
from services.monitoring.archive.errors import NoSuchStep
from services.monitoring.archive.pictures import pictures_of
from services.monitoring.archive.schemas import Archive, Supplement
from shared.assembly import Runtime
from shared.documents import DOCX, PDF, answered
from shared.refusal import NotFound
from shared.web import Reading, Router, Writing, refusals, requires
from shared.web.accepting import JSON, NoSuchFormat, accepted

router = Router(prefix="/monitored/{monitored_id}/archive", tags=["监测对象档案 archives"])


@router.get(
    "",
    dependencies=[requires("archives:read")],
    response_model=Archive,
    responses={200: {"content": {DOCX: {}, PDF: {}}}, **refusals(NotFound, NoSuchFormat)},
)
async def read_archive(monitored_id: UUID, request: Request, db: Reading) -> Archive | Response:
    """Return all that was done about an object, in order, and what is missing; as DOCX or PDF by ``Accept``."""
    archive = await queries.archive_of(db, monitored_id)
    form = accepted(request, JSON, DOCX, PDF)
    if form == JSON:
        return archive
    runtime: Runtime = request.app.state.runtime
    return await answered(document_of(archive, await pictures_of(runtime.storage, archive)), form)


@router.post(
    "/papers",
    status_code=204,
    dependencies=[requires("attachments:write")],
    responses=refusals(NotFound, NoSuchStep),
)
async def supplement(monitored_id: UUID, form: Supplement, db: Writing) -> None:
    """File papers with an earlier step, such as a signature that was missing; they may arrive later."""
    await commands.supplement(db, monitored_id, form)
