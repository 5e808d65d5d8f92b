"""``/comparisons``: post a batch, and read what became of it."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Path, Query, Request, Response
from pydantic import Field

from services.monitoring.batches.model import Mode
from services.monitoring.comparisons import errors, queries
from services.monitoring.comparisons.commands import Wanted, take_in
from services.monitoring.comparisons.downloads import results_file
from services.monitoring.comparisons.refused import FORMATS, refused_file
from services.monitoring.comparisons.schemas import (
    ComparisonView,
    Reconciliation,
    RejectView,
    ResultView,
)
from services.monitoring.comparisons.senders import expect_period, expect_sender, read_period, reads_registry
from services.monitoring.datasets.catalog import DatasetCode, datasets
from shared.database import Page
from shared.domain.codes import Coded
from shared.domain.division import DivisionCode
from shared.refusal import Invalid, NotFound
from shared.web import Caller, Paging, Reading, Router, Writing, receive_upload, refusals, requires, tagged
from shared.web.accepting import JSON, NoSuchFormat, accepted
from shared.web.language import InLanguage
from shared.web.uploads import CSV, TABLES, UNTAKEN, XLSX, taking
from shared.web.workbooks import TooManyForWorkbook

router = Router(prefix="/comparisons", tags=["部门数据比对 comparisons"])
Period = Annotated[str, Field(max_length=20)]
_PERIOD = Query(
    description="数据期，按数据集写作 2021-06、2021-Q2、2021-autumn、2021 或 2021-07-21。"
    "As the dataset's are written: a month, quarter, term, year, or the day of an event."
)
SentMode = Annotated[
    Mode,
    Query(
        description="validate：只校验，返回统计数和退回行，不生效。`validate`: figures and rejects, nothing else kept."
    ),
]
Nobody = Annotated[
    bool,
    Query(
        description="零报告：本期没有数据，文件只有表头；同一文件标志不同，视为另一批次，由其数据行判定。"
        "Nobody to tell of in the period: the file is a header alone. Said otherwise, a file is another batch."
    ),
]
BatchId = Annotated[UUID, Path(description="批次标识。Of the batch.")]
DatasetName = Annotated[
    str, Path(description="数据集代码，见 GET /datasets。Of the dataset: see `GET /datasets`.")
]


async def wanted(
    caller: Caller,
    db: Writing,
    dataset: DatasetName,
    period: Annotated[Period, _PERIOD],
    mode: SentMode = Mode.COMMIT,
) -> Wanted:
    """Return what a batch is about, or refuse: before a gigabyte of it is received."""
    if dataset not in datasets():
        raise NotFound
    expect_sender(caller, datasets()[dataset])
    expect_period(datasets()[dataset], period, today=db.today)
    return Wanted(datasets()[dataset], period, mode)


WantedBatch = Annotated[Wanted, Depends(wanted)]
#: How a batch is refused before it is received.
UNWANTED = (
    NotFound,
    Invalid,
    errors.BadPeriod,
    errors.PeriodNotBegun,
    errors.NotYourDataset,
    errors.NotOfOneCounty,
)
#: How a batch refuses to show what became of its rows.
UNFINISHED = (NotFound, errors.NotFinished, errors.BatchFailed)


@router.post(
    "/{dataset}",
    status_code=202,
    dependencies=[requires("comparisons:write")],
    responses=refusals(*UNWANTED, errors.RefusedRowsAlone, *UNTAKEN),
    openapi_extra=taking(*TABLES),
)
async def post_batch(
    request: Request, db: Writing, response: Response, batch: WantedBatch, *, nobody: Nobody = False
) -> ComparisonView:
    """Post a batch (XLSX, NDJSON, or text with commas, tabs or semicolons in UTF-8, GB18030 or UTF-16).

    A later batch of the same period takes the place of the earlier one, so it holds all of its rows, the corrected ones
    and the others.

    ``validate`` returns figures and rejects, and keeps nothing else. ``nobody`` goes with a header without rows.
    """
    upload = await receive_upload(request)
    try:
        view = ComparisonView.of(await take_in(db, batch, upload, nobody=nobody))
    except BaseException:
        upload.path.unlink(missing_ok=True)
        raise
    response.headers["Location"] = f"/jobs/{view.job}"
    return view


@router.get("", dependencies=[requires("comparisons:read")], responses=refusals(Invalid, errors.BadPeriod))
async def list_batches(
    db: Reading,
    page: Paging,
    dataset: Annotated[
        DatasetCode | None, Query(description="只列该数据集，见 GET /datasets。Of this dataset only.")
    ] = None,
    period: Annotated[Period | None, _PERIOD] = None,
) -> Page[ComparisonView]:
    """List batches: a department its own."""
    if period:
        read_period(period, datasets()[dataset] if dataset else None)
    return await queries.list_batches(db, page, dataset=dataset, period=period)


@router.get("/{comparison_id}", dependencies=[requires("comparisons:read")], responses=refusals(NotFound))
async def read_batch(db: Reading, comparison_id: BatchId, response: Response) -> ComparisonView:
    """Return a batch and its figures."""
    batch = await queries.get_batch(db, comparison_id)
    tagged(response, batch)
    (view,) = await queries.shown(db, batch)
    return view


@router.get(
    "/{comparison_id}/results",
    dependencies=[requires("comparisons:read")],
    response_model=Page[ResultView],
    responses=refusals(
        *UNFINISHED,
        errors.OnlyValidated,
        errors.RowsGone,
        errors.PlaceNotTold,
        TooManyForWorkbook,
        NoSuchFormat,
    )
    | {200: {"content": {CSV: {}, XLSX: {}}, "description": "A page as JSON, or all results as CSV or XLSX"}},
)
async def results(
    request: Request,
    db: Reading,
    comparison_id: BatchId,
    page: Paging,
    outcome: Annotated[
        list[Annotated[str, Coded("comparison_outcome")]] | None,
        Query(description="只列这些比对结果，可重复。Of these outcomes only; may be repeated."),
    ] = None,
    division: Annotated[
        DivisionCode | None,
        Query(
            description="只列登记在该区划内的；部门不可用。Of whoever is registered within; not for departments."
        ),
    ] = None,
) -> Page[ResultView] | Response:
    """List what became of a finished batch's rows, by line of the sender's file.

    Where ``Accept`` asks for CSV: all of them; for XLSX: all, if they are no more than 200,000.

    ``division``: of whoever is registered within it; what is about nobody here stands where its sender does.
    """
    if division and not reads_registry(db.principal):
        raise errors.PlaceNotTold
    await queries.get_results(db, comparison_id, outcome or [])
    wanted = queries.matching(comparison_id, outcome or [], division)
    kind = accepted(request, JSON, CSV, XLSX)
    if kind == JSON:
        return await queries.results_of(db, wanted, page)
    return await results_file(db, request.app.state.runtime, comparison_id, wanted, kind)


@router.get(
    "/{comparison_id}/rejects",
    dependencies=[requires("comparisons:read")],
    response_model=Page[RejectView],
    responses=refusals(*UNFINISHED, errors.RowsGone, NoSuchFormat)
    | {
        200: {
            "content": {kind: {} for kind in FORMATS},
            "description": "A page as JSON, or the refused rows as XLSX, CSV or NDJSON",
        }
    },
)
async def rejects(
    request: Request, db: Reading, comparison_id: BatchId, page: Paging, language: InLanguage
) -> Page[RejectView] | Response:
    """List the rows that could not be read, with their reasons.

    Where ``Accept`` asks for XLSX, CSV or NDJSON: the rows as they were sent with their reasons, to put right in the
    file that they came from, which is sent again whole; of a batch the first ten thousand.
    """
    batch = await queries.get_rejects(db, comparison_id)
    kind = accepted(request, JSON, *FORMATS)
    if kind == JSON:
        return await queries.rejects_of(db, comparison_id, page, language)
    headers = {
        "Content-Disposition": f'attachment; filename="refused.{TABLES[kind]}"',
        "Cache-Control": "no-store",
    }
    return Response(await refused_file(db, batch, kind, language), media_type=kind, headers=headers)


@router.get(
    "/{comparison_id}/reconciliation",
    dependencies=[requires("comparisons:read")],
    responses=refusals(*UNFINISHED),
)
async def reconciliation(db: Reading, comparison_id: BatchId) -> Reconciliation:
    """Return a batch's figures by town, by reason, and what became of its alerts."""
    return await queries.reconcile(db, comparison_id)
