"""Missing help over HTTP: the gap list, and the reasons that are stated."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query, Response

from services.monitoring.assistance.errors import NothingToHelp, RiskNotOpen
from services.monitoring.gaps import commands, errors, queries
from services.monitoring.gaps.schemas import GapQuery, GapView, StatedReasonForm, StatedReasonView
from shared.database import Page
from shared.refusal import NotFound
from shared.web import Paging, Reading, Router, Writing, refusals, requires

router = Router(prefix="/monitored", tags=["帮扶缺口 gaps"])


@router.get("/gaps", dependencies=[requires("monitored:read")])
async def list_gaps(db: Reading, filters: Annotated[GapQuery, Query()], page: Paging) -> Page[GapView]:
    """List households under watch without contact, plan or fitting help against a risk, or with idle labour.

    ``audit`` finds what the national data rules complain of, ``late`` what was marked as late and is still missing.
    """
    return await queries.gaps(db, filters, page)


@router.get(
    "/{monitored_id}/reasons", dependencies=[requires("monitored:read")], responses=refusals(NotFound)
)
async def list_reasons(monitored_id: UUID, db: Reading) -> Page[StatedReasonView]:
    """List what was stated about an object's risks without measure, oldest first."""
    found = await queries.reasons_of(db, monitored_id)
    return Page(items=[StatedReasonView.model_validate(reason) for reason in found])


@router.post(
    "/{monitored_id}/reasons",
    status_code=201,
    dependencies=[requires("monitored:write")],
    responses=refusals(NotFound, NothingToHelp, RiskNotOpen, errors.ReasonTooLong),
)
async def state_reason(
    monitored_id: UUID, form: StatedReasonForm, db: Writing, response: Response
) -> StatedReasonView:
    """State why nothing is done against a risk for now; it lapses, and the risk is in the gap list again."""
    reason = await commands.state_reason(db, monitored_id, form)
    response.headers["Location"] = f"/monitored/{monitored_id}/reasons"
    return StatedReasonView.model_validate(reason)
