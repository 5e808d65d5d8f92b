"""Support of lifted households by their class: the measures that are planned for them."""

from __future__ import annotations

from uuid import UUID

from fastapi import Response

from services.monitoring.assistance import commands, errors, queries
from services.monitoring.assistance.schemas import MeasureForm, MeasureView
from services.monitoring.classes.errors import NotClassified
from services.monitoring.dates import DATES
from shared.database import Page
from shared.refusal import NotFound
from shared.web import Reading, Router, Writing, refusals, requires, tagged

router = Router(prefix="/support-classes/{class_id}/measures", tags=["帮扶措施 assistance"])


@router.get("", dependencies=[requires("monitored:read")], responses=refusals(NotFound))
async def list_support(class_id: UUID, db: Reading) -> Page[MeasureView]:
    """List the household's measures, oldest first."""
    found = await queries.support_of(db, class_id)
    return Page(items=[MeasureView.model_validate(measure) for measure in found])


@router.post(
    "",
    status_code=201,
    dependencies=[requires("monitored:write")],
    responses=refusals(
        NotFound,
        NotClassified,
        *errors.MISFITS,
        *DATES,
    ),
)
async def plan_support(class_id: UUID, form: MeasureForm, db: Writing, response: Response) -> MeasureView:
    """Plan a measure by the class that holds (分类帮扶); it goes on as every measure does."""
    measure = await commands.plan_support(db, class_id, form)
    response.headers["Location"] = f"/measures/{measure.id}"
    tagged(response, measure)
    return MeasureView.model_validate(measure)
