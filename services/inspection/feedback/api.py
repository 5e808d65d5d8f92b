"""Files of assessment feedback over HTTP."""

from __future__ import annotations

import asyncio
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Query, Request, Response

from services.inspection.campaigns.errors import CampaignNotOpen, CampaignPaused
from services.inspection.checklists.catalog import UnknownChecklist
from services.inspection.feedback.commands import outcome_of, take_feedback
from services.inspection.feedback.errors import TooManyLines
from services.inspection.feedback.model import FeedbackFile
from services.inspection.feedback.schemas import FeedbackOutcome
from services.inspection.feedback.sheet import returned, template
from shared.refusal import NotFound
from shared.sheets.form import HeaderMissing, SeveralSheets, UnreadableFile
from shared.web import Reading, Router, Writing, receive_upload, refusals, requires
from shared.web.language import InLanguage
from shared.web.uploads import TABLES, UNTAKEN, XLSX, taking

router = Router(prefix="/findings", tags=["考核反馈 assessment feedback"])


@router.get("/template.xlsx", dependencies=[requires("findings:read")], responses=refusals(UnknownChecklist))
async def form(checklist: str = "2021") -> Response:
    """Return the form for feedback, with a drop-down of the checklist's items and explanations."""
    content = await asyncio.to_thread(template, checklist)
    headers = {"Content-Disposition": 'attachment; filename="feedback.xlsx"'}
    return Response(content, media_type=XLSX, headers=headers)


@router.post(
    "/imports",
    dependencies=[requires("findings:write")],
    responses=refusals(
        NotFound,
        CampaignNotOpen,
        CampaignPaused,
        *UNTAKEN,
        UnreadableFile,
        HeaderMissing,
        SeveralSheets,
        TooManyLines,
    ),
    openapi_extra=taking(*TABLES),
)
async def import_file(
    request: Request,
    db: Writing,
    language: InLanguage,
    campaign_id: Annotated[UUID, Query()],
    mode: Literal["validate", "commit"] = "commit",
    atomic: Literal["all", "valid"] = "valid",
) -> FeedbackOutcome:
    """Take a file of feedback (XLSX, CSV or NDJSON, up to 5,000 lines) into the ledger.

    A line with measures, unit and person is planned at once. The same file sent again changes nothing.
    """
    upload = await receive_upload(request)
    try:
        return await take_feedback(db, campaign_id, upload, mode=mode, atomic=atomic, language=language)
    finally:
        await asyncio.to_thread(upload.path.unlink, missing_ok=True)


@router.get("/imports/{file_id}", dependencies=[requires("findings:write")], responses=refusals(NotFound))
async def read_import(file_id: UUID, db: Reading, language: InLanguage) -> FeedbackOutcome:
    """Show what became of a file."""
    return outcome_of(await db.get(FeedbackFile, file_id), "taken", language)


@router.get(
    "/imports/{file_id}/rejects",
    dependencies=[requires("findings:write")],
    response_class=Response,
    responses=refusals(NotFound) | {200: {"content": {XLSX: {}}}},
)
async def rejects(file_id: UUID, db: Reading, language: InLanguage) -> Response:
    """Return the refused lines as the form, with the reasons, to correct and send again."""
    file = await db.get(FeedbackFile, file_id)
    content = await asyncio.to_thread(returned, file, language)
    headers = {"Content-Disposition": 'attachment; filename="refused.xlsx"', "Cache-Control": "no-store"}
    return Response(content, media_type=XLSX, headers=headers)
