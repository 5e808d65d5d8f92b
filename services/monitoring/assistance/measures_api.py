"""Measures over HTTP, from planned to done."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query, Response

from services.monitoring.assistance import commands, errors, queries
from services.monitoring.assistance.model import Measure
from services.monitoring.assistance.schemas import (
    CompletionForm,
    MeasureQuery,
    MeasureView,
    PaymentForm,
    ProgressForm,
    StopForm,
)
from services.monitoring.dates import DATES
from shared.database import Page
from shared.refusal import NotFound, Stale
from shared.web import IfMatch, Paging, Reading, Router, Writing, refusals, requires, tagged

router = Router(prefix="/measures", tags=["帮扶措施 assistance"])

_FUNDS = (errors.BeyondPlanned, errors.PaidLess)


@router.get("", dependencies=[requires("monitored:read")])
async def list_measures(
    db: Reading, filters: Annotated[MeasureQuery, Query()], page: Paging
) -> Page[MeasureView]:
    """List measures in the order in which they were planned."""
    found = await queries.page_of(db, filters, page)
    return found.each(MeasureView.model_validate)


@router.get("/{measure_id}", dependencies=[requires("monitored:read")], responses=refusals(NotFound))
async def get_one(measure_id: UUID, db: Reading, response: Response) -> MeasureView:
    """Show one measure."""
    return _shown(await db.get(Measure, measure_id), response)


@router.post(
    "/{measure_id}/progress",
    dependencies=[requires("monitored:write")],
    responses=refusals(NotFound, Stale, errors.MeasureEnded, *_FUNDS, *DATES),
)
async def make_progress(
    measure_id: UUID, form: ProgressForm, version: IfMatch, db: Writing, response: Response
) -> MeasureView:
    """Report how far it is."""
    return _shown(await commands.make_progress(db, measure_id, form, version=version), response)


@router.post(
    "/{measure_id}/completion",
    dependencies=[requires("monitored:write")],
    responses=refusals(NotFound, Stale, errors.MeasureEnded, *_FUNDS, *DATES),
)
async def complete(
    measure_id: UUID, form: CompletionForm, version: IfMatch, db: Writing, response: Response
) -> MeasureView:
    """Report that it is done, and what it brought."""
    return _shown(await commands.complete(db, measure_id, form, version=version), response)


@router.post(
    "/{measure_id}/payments",
    dependencies=[requires("monitored:write")],
    responses=refusals(NotFound, Stale, errors.MeasureEnded, errors.BeyondPlanned, *DATES),
)
async def pay(
    measure_id: UUID, form: PaymentForm, version: IfMatch, db: Writing, response: Response
) -> MeasureView:
    """Enter a payment with its source and day; where the sum goes beyond what is planned, with the reason."""
    return _shown(await commands.pay(db, measure_id, form, version=version), response)


@router.post(
    "/{measure_id}/stop",
    dependencies=[requires("monitored:write")],
    responses=refusals(NotFound, Stale, errors.MeasureEnded, *DATES),
)
async def stop(
    measure_id: UUID, form: StopForm, version: IfMatch, db: Writing, response: Response
) -> MeasureView:
    """End it without its being done, and say why."""
    return _shown(await commands.stop(db, measure_id, form, version=version), response)


def _shown(measure: Measure, response: Response) -> MeasureView:
    tagged(response, measure)
    return MeasureView.model_validate(measure)
