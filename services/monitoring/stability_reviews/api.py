"""``/stability-reviews``."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query, Response

from services.monitoring.stability_reviews import queries
from services.monitoring.stability_reviews.errors import ReviewUnfinished
from services.monitoring.stability_reviews.job import ask_for_review
from services.monitoring.stability_reviews.model import Verdict
from services.monitoring.stability_reviews.schemas import (
    ReviewedView,
    ReviewLine,
    ReviewReport,
    ReviewRequest,
)
from shared.database import Page
from shared.refusal import NotFound
from shared.web import Paging, Reading, Router, Writing, refusals, requires
from shared.web.edge import OutsideArea
from shared.web.language import InLanguage

router = Router(prefix="/stability-reviews", tags=["监测对象 monitored objects"])


@router.post("", status_code=202, dependencies=[requires("cases:review")], responses=refusals(OutsideArea))
async def ask(form: ReviewRequest, db: Writing, response: Response) -> ReviewLine:
    """Review whether eliminated risks are stably gone (全面核查): a job over all eliminated objects of a division."""
    if not db.principal.covers(form.division):
        raise OutsideArea
    view = ReviewLine.of(await ask_for_review(db, form.division))
    response.headers["Location"] = f"/jobs/{view.job}"
    return view


@router.get("", dependencies=[requires("monitored:read")])
async def list_reviews(db: Reading, page: Paging) -> Page[ReviewLine]:
    """List reviews, oldest first."""
    return await queries.list_reviews(db, page)


@router.get(
    "/{review_id}", dependencies=[requires("monitored:read")], responses=refusals(NotFound, ReviewUnfinished)
)
async def report(review_id: UUID, db: Reading, language: InLanguage) -> ReviewReport:
    """Return the report: who is stable, doubtful or not known enough, by place and rule, and what became of them."""
    return await queries.report_of(db, review_id, language)


@router.get(
    "/{review_id}/objects",
    dependencies=[requires("monitored:read")],
    responses=refusals(NotFound, ReviewUnfinished),
)
async def objects(
    review_id: UUID,
    db: Reading,
    page: Paging,
    language: InLanguage,
    verdict: Annotated[list[Verdict] | None, Query()] = None,
) -> Page[ReviewedView]:
    """List what was said of each object, and why."""
    return await queries.objects_of(db, review_id, verdict or [], page, language)
