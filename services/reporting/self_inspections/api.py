"""``/reports/self-inspections``."""

from __future__ import annotations

from uuid import UUID

from fastapi import Request, Response
from sqlmodel import select

from services.reporting.figures.errors import MomentNotCome
from services.reporting.self_inspections.commands import make_self_inspection
from services.reporting.self_inspections.document import document_of
from services.reporting.self_inspections.errors import NotAReportingUnit, UnknownCampaign
from services.reporting.self_inspections.model import SelfInspection
from services.reporting.self_inspections.schemas import (
    NewSelfInspection,
    SelfInspectionLine,
    SelfInspectionView,
)
from shared.database import Page
from shared.documents import DOCX, PDF, answered
from shared.refusal import NotFound
from shared.web import Paging, Reading, Router, Writing, refusals, requires
from shared.web.accepting import JSON, NoSuchFormat, accepted

router = Router(prefix="/reports/self-inspections", tags=["自查报告 self-inspection reports"])


@router.post(
    "",
    status_code=201,
    dependencies=[requires("reports:write")],
    responses=refusals(UnknownCampaign, NotAReportingUnit, MomentNotCome, NotFound),
)
async def make(db: Writing, new: NewSelfInspection, response: Response) -> SelfInspectionView:
    """Make a self-inspection report of a town, a park or the county, from the figures of a moment."""
    report = await make_self_inspection(db, new)
    response.headers["Location"] = f"{router.prefix}/{report.id}"
    return SelfInspectionView(**report.model_dump())


@router.get("", dependencies=[requires("reports:read")])
async def list_reports(
    db: Reading, page: Paging, campaign_id: UUID | None = None
) -> Page[SelfInspectionLine]:
    """List the reports, oldest first."""
    wanted = select(SelfInspection)
    if campaign_id:
        wanted = wanted.where(SelfInspection.campaign_id == campaign_id)
    found = await db.page(wanted, order=[SelfInspection.id], page=page)
    lines = [SelfInspectionLine(**report.model_dump()) for report in found.items]
    return found.with_items(lines)


@router.get(
    "/{report_id}",
    dependencies=[requires("reports:read")],
    response_model=SelfInspectionView,
    responses={200: {"content": {DOCX: {}, PDF: {}}}, **refusals(NotFound, NoSuchFormat)},
)
async def read_report(request: Request, db: Reading, report_id: UUID) -> SelfInspectionView | Response:
    """Return a report as JSON, or as DOCX or PDF where ``Accept`` asks for it."""
    report = await db.get(SelfInspection, report_id)
    view = SelfInspectionView(**report.model_dump())
    form = accepted(request, JSON, DOCX, PDF)
    return view if form == JSON else await answered(document_of(view.content), form)
