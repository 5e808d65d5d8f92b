"""Weekly dispatches over HTTP."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query, Request, Response
from fastapi.responses import HTMLResponse
from sqlmodel import col, select

from services.inspection.campaigns.errors import OutsideYourArea
from services.inspection.campaigns.model import Campaign
from services.inspection.dispatches.commands import freeze_this_week
from services.inspection.dispatches.errors import NoWeek
from services.inspection.dispatches.model import Dispatch
from services.inspection.dispatches.page import to_html
from services.inspection.dispatches.schemas import DispatchContent, DispatchLine, Frozen
from shared.database import Page
from shared.domain.division import DivisionCode
from shared.refusal import NotFound
from shared.web import Paging, Reading, Router, Writing, refusals, requires
from shared.web.accepting import JSON, NoSuchFormat, accepted

router = Router(prefix="/campaigns/{campaign_id}/dispatches", tags=["周调度 weekly dispatches"])
HTML = "text/html"
Unit = Annotated[DivisionCode | None, Query(alias="division")]


@router.post(
    "",
    status_code=201,
    dependencies=[requires("campaigns:write")],
    responses=refusals(NotFound, OutsideYourArea, NoWeek),
)
async def freeze_week(campaign_id: UUID, db: Writing, response: Response) -> Frozen:
    """Freeze the week of today, of the county and each town and park; 200 if it was frozen before."""
    week, units, new = await freeze_this_week(db, campaign_id)
    response.status_code = 201 if new else 200
    response.headers["Location"] = f"/campaigns/{campaign_id}/dispatches/{week.number}"
    return Frozen(week=week.number, starts_on=week.starts_on, ends_on=week.ends_on, units=units)


@router.get("", dependencies=[requires("campaigns:read")], responses=refusals(NotFound))
async def list_dispatches(
    campaign_id: UUID, db: Reading, page: Paging, division: Unit = None
) -> Page[DispatchLine]:
    """List the frozen weeks of the campaign's own unit, or of a town or park."""
    campaign = await db.get(Campaign, campaign_id)
    wanted = select(Dispatch).where(
        col(Dispatch.campaign_id) == campaign_id,
        col(Dispatch.division_code) == (division or campaign.division_code),
    )
    found = await db.page(wanted, order=[col(Dispatch.week)], page=page)
    return found.each(DispatchLine.model_validate)


@router.get(
    "/{week}",
    dependencies=[requires("campaigns:read")],
    response_model=DispatchContent,
    responses={
        200: {"content": {HTML: {}}, "description": "JSON, or a page to print"},
        **refusals(NotFound, NoSuchFormat),
    },
)
async def read_dispatch(
    request: Request, campaign_id: UUID, week: int, db: Reading, division: Unit = None
) -> DispatchContent | HTMLResponse:
    """Show a frozen week as JSON, or as one page with a chart where ``Accept`` asks for HTML.

    A town reads the county's figures and ranking, but whom and what to watch only of its own.
    """
    campaign = await db.get(Campaign, campaign_id)
    unit = division or campaign.division_code
    dispatch = await db.one(
        select(Dispatch).where(
            col(Dispatch.campaign_id) == campaign_id,
            col(Dispatch.week) == week,
            col(Dispatch.division_code) == unit,
        )
    )
    content = DispatchContent.model_validate(dispatch.content)
    if not db.principal.covers(unit):
        content.watch = None
    return HTMLResponse(to_html(content)) if accepted(request, JSON, HTML) == HTML else content
