"""Doubts over HTTP: to be explained by the village, decided by the county."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query, Response

from services.monitoring.doubts import commands, errors, queries
from services.monitoring.doubts.model import Doubt
from services.monitoring.doubts.schemas import DecisionForm, DoubtQuery, ExplanationForm, RaisedDoubtView
from services.monitoring.forms import ChangeView
from shared.database import Page, Reader
from shared.refusal import NotFound, Stale
from shared.web import IfMatch, Paging, Reading, Router, Writing, refusals, requires, tagged

router = Router(tags=["部门比对疑点 doubts"])

_MOVES = (NotFound, Stale, errors.DoubtDecided, errors.DoubtLapsed)


@router.get("/doubts", dependencies=[requires("cases:read")])
async def list_doubts(
    db: Reading, filters: Annotated[DoubtQuery, Query()], page: Paging
) -> Page[RaisedDoubtView]:
    """List what negative lists say of households, in the order in which it was raised."""
    return await queries.page_of(db, filters, page)


@router.get("/doubts/{doubt_id}", dependencies=[requires("cases:read")], responses=refusals(NotFound))
async def get_one(doubt_id: UUID, db: Reading, response: Response) -> RaisedDoubtView:
    """Show one doubt: whom it is about, who says so and why, and what became of it."""
    return await _shown(db, await db.get(Doubt, doubt_id), response)


@router.get("/doubts/{doubt_id}/history", dependencies=[requires("cases:read")], responses=refusals(NotFound))
async def history(doubt_id: UUID, db: Reading) -> Page[ChangeView]:
    """Show who changed what, when and why; oldest first."""
    changes = await queries.story_of(db, doubt_id)
    return Page(items=[ChangeView.model_validate(change) for change in changes])


@router.post(
    "/doubts/{doubt_id}/explanation", dependencies=[requires("cases:check")], responses=refusals(*_MOVES)
)
async def explain(
    doubt_id: UUID, form: ExplanationForm, version: IfMatch, db: Writing, response: Response
) -> RaisedDoubtView:
    """Explain how it comes that a department's list names somebody (疑点说明)."""
    return await _shown(db, await commands.explain(db, doubt_id, form, version=version), response)


@router.post(
    "/doubts/{doubt_id}/decision",
    dependencies=[requires("cases:compare")],
    responses=refusals(*_MOVES, errors.NotExplainedYet, errors.SamePersonDecides),
)
async def decide(
    doubt_id: UUID, form: DecisionForm, version: IfMatch, db: Writing, response: Response
) -> RaisedDoubtView:
    """Accept an explanation or uphold the doubt, as another person; neither decides about the household."""
    return await _shown(db, await commands.decide(db, doubt_id, form, version=version), response)


@router.get(
    "/monitored/{monitored_id}/doubts",
    dependencies=[requires("monitored:read")],
    responses=refusals(NotFound),
)
async def list_of_object(monitored_id: UUID, db: Reading, page: Paging) -> Page[RaisedDoubtView]:
    """List the doubts about a household under watch, whatever became of them."""
    return await queries.page_of_object(db, monitored_id, page)


async def _shown(db: Reader, doubt: Doubt, response: Response) -> RaisedDoubtView:
    tagged(response, doubt)
    (view,) = await queries.shown(db, [doubt])
    return view
