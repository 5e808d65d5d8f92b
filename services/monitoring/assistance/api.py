"""Assistance of a monitored object over HTTP: its plans and its measures."""

from __future__ import annotations

from uuid import UUID

from fastapi import Response

from services.monitoring.assistance import commands, errors, queries
from services.monitoring.assistance.schemas import (
    MeasureForm,
    MeasureView,
    PlanForm,
    PlanView,
    ReviewForm,
)
from services.monitoring.dates import DATES
from shared.database import Page
from shared.refusal import NotFound
from shared.web import Reading, Router, Writing, refusals, requires, tagged

router = Router(prefix="/monitored", tags=["帮扶措施 assistance"])


@router.get(
    "/{monitored_id}/measures", dependencies=[requires("monitored:read")], responses=refusals(NotFound)
)
async def list_measures(monitored_id: UUID, db: Reading) -> Page[MeasureView]:
    """List an object's measures, oldest first."""
    found = await queries.measures_of(db, monitored_id)
    return Page(items=[MeasureView.model_validate(measure) for measure in found])


@router.post(
    "/{monitored_id}/measures",
    status_code=201,
    dependencies=[requires("monitored:write")],
    responses=refusals(
        NotFound,
        errors.NothingToHelp,
        *errors.MISFITS,
        *DATES,
    ),
)
async def plan_measure(monitored_id: UUID, form: MeasureForm, db: Writing, response: Response) -> MeasureView:
    """Plan a measure for the household, or one person of it (一人一措施)."""
    measure = await commands.plan_measure(db, monitored_id, form)
    response.headers["Location"] = f"/measures/{measure.id}"
    tagged(response, measure)
    return MeasureView.model_validate(measure)


@router.get("/{monitored_id}/plans", dependencies=[requires("monitored:read")], responses=refusals(NotFound))
async def list_plans(monitored_id: UUID, db: Reading) -> Page[PlanView]:
    """List an object's plans, oldest first; the last one holds."""
    found = await queries.plans_of(db, monitored_id)
    return Page(items=[PlanView.model_validate(plan) for plan in found])


@router.post(
    "/{monitored_id}/plans",
    status_code=201,
    dependencies=[requires("monitored:write")],
    responses=refusals(
        NotFound,
        errors.NothingToHelp,
        errors.RiskNotOpen,
        errors.RiskForgotten,
        errors.SayWhyAnew,
        *DATES,
    ),
)
async def make_plan(monitored_id: UUID, form: PlanForm, db: Writing, response: Response) -> PlanView:
    """Make the household's plan (一户一方案), or adjust it (优化调整): the newest holds, the older ones stay."""
    plan = await commands.make_plan(db, monitored_id, form)
    response.headers["Location"] = f"/monitored/{monitored_id}/plans"
    return PlanView.model_validate(plan)


@router.post(
    "/{monitored_id}/plans/review",
    dependencies=[requires("monitored:write")],
    responses=refusals(NotFound, errors.NothingToHelp, errors.NoPlan, *DATES),
)
async def review_plan(monitored_id: UUID, form: ReviewForm, db: Writing) -> PlanView:
    """Say that the newest plan is still right, and why; one that is not is made anew."""
    return PlanView.model_validate(await commands.review_plan(db, monitored_id, form))
