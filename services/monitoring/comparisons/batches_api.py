"""What is done with a batch: its pages, its withdrawal, decisions about single rows, and the registry's about them."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path, Query, Request, Response

from services.monitoring.comparisons import errors, pages, review
from services.monitoring.comparisons.api import UNWANTED, BatchId, WantedBatch
from services.monitoring.comparisons.decisions import proposals_of
from services.monitoring.comparisons.schemas import (
    BatchWithdrawal,
    ClosingForm,
    ComparisonView,
    PageDraft,
    PageView,
    ProposalView,
    ResultView,
)
from services.monitoring.comparisons.withdrawal import withdraw
from shared.database import Page
from shared.domain.codes import Coded
from shared.jobs.api import public_id
from shared.refusal import NotFound, Stale
from shared.web import IfMatch, Paging, Reading, Router, Writing, refusals, requires, tagged
from shared.web.problems import TooLarge

router = Router(prefix="/comparisons", tags=["部门数据比对 comparisons"])
Number = Annotated[int, Path(ge=1, le=1_000_000, description="页号，自 1 起。Of the page, from 1 on.")]
#: As lines are counted in the database.
Line = Annotated[
    int, Path(ge=1, le=2**31 - 1, description="行号，见比对结果。Of the row, as results tell it.")
]


@router.post(
    "/{dataset}/pages",
    status_code=201,
    dependencies=[requires("comparisons:write")],
    responses=refusals(*UNWANTED),
)
async def open_batch(db: Writing, response: Response, batch: WantedBatch) -> ComparisonView:
    """Open a batch that comes page after page; nothing is compared before it is closed."""
    opened = await pages.open_batch(db, batch)
    response.headers["Location"] = f"/comparisons/{opened.id}"
    return ComparisonView.of(opened)


@router.put(
    "/{comparison_id}/pages/{number}",
    dependencies=[requires("comparisons:write")],
    responses=refusals(NotFound, errors.NotOpen, errors.PageDiffers, TooLarge),
)
async def put_page(
    request: Request, db: Writing, comparison_id: BatchId, number: Number, draft: PageDraft
) -> PageView:
    """Send a page. The same page again is no further one, so whoever was cut off sends it again.

    All pages of a batch hold no more than a file may.
    """
    runtime = request.app.state.runtime
    limit = runtime.common.max_upload_bytes
    page = await pages.add_page(db, comparison_id, number, draft, spool=runtime.spool, limit=limit)
    return PageView(number=page.number, rows=page.rows)


@router.post(
    "/{comparison_id}/closing",
    status_code=202,
    dependencies=[requires("comparisons:write")],
    responses=refusals(NotFound, errors.NotOpen, errors.PagesMissing, errors.RefusedRowsAlone),
)
async def close_batch(
    request: Request, db: Writing, comparison_id: BatchId, form: ClosingForm, response: Response
) -> ComparisonView:
    """Say that all pages are there: the batch is compared."""
    spool = request.app.state.runtime.spool
    view = ComparisonView.of(await pages.close_batch(db, comparison_id, form.pages, spool=spool))
    response.headers["Location"] = f"/jobs/{view.job}"
    return view


@router.post(
    "/{comparison_id}/withdrawal",
    status_code=202,
    dependencies=[requires("comparisons:write")],
    responses=refusals(
        NotFound,
        Stale,
        errors.OnlyValidated,
        errors.NotFinished,
        errors.BatchFailed,
        errors.WithdrawnAlready,
        errors.CorrectedAlready,
    ),
)
async def withdraw_batch(
    db: Writing, comparison_id: BatchId, form: BatchWithdrawal, version: IfMatch, response: Response
) -> ComparisonView:
    """Withdraw a batch: it counts no more, and clues of it end that nobody has settled yet."""
    batch, job = await withdraw(db, comparison_id, form.reason, version=version)
    tagged(response, batch)
    response.headers["Location"] = f"/jobs/{public_id('monitoring', job)}"
    return ComparisonView.of(batch)


@router.post(
    "/{comparison_id}/results/{line}/confirmation",
    dependencies=[requires("comparisons:decide")],
    responses=refusals(NotFound, errors.NotProbable),
)
async def confirm(db: Writing, comparison_id: BatchId, line: Line) -> ResultView:
    """Say that a row without a number is about the person whom it is likely about."""
    return ResultView.of(await review.decide(db, comparison_id, line, is_the_person=True), {})


@router.post(
    "/{comparison_id}/results/{line}/refusal",
    dependencies=[requires("comparisons:decide")],
    responses=refusals(NotFound, errors.NotProbable),
)
async def refuse(db: Writing, comparison_id: BatchId, line: Line) -> ResultView:
    """Say that it is not: what the row told is forgotten."""
    return ResultView.of(await review.decide(db, comparison_id, line, is_the_person=False), {})


@router.get(
    "/{comparison_id}/corrections", dependencies=[requires("monitored:read")], responses=refusals(NotFound)
)
async def corrections(
    db: Reading,
    comparison_id: BatchId,
    page: Paging,
    status: Annotated[
        list[Annotated[str, Coded("correction_status")]] | None,
        Query(description="只列这些状态的，可重复。In these states only; may be repeated."),
    ] = None,
) -> Page[ProposalView]:
    """List what a batch says otherwise than the registry: waiting, accepted or refused, with the reason.

    What a batch proposed that this one corrects and says again is this one's; what waited already stays that of the
    batch that said so first. The department that sent it learns how many, by ``/reconciliation``.
    """
    return await proposals_of(db, comparison_id, page, status or [])
