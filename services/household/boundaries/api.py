"""``/divisions/changes``."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query, Response

from services.household.boundaries import commands
from services.household.boundaries.errors import (
    BoundariesDoNotHold,
    ChangeUnderWay,
    NotPlanned,
    VillageNotEmpty,
)
from services.household.boundaries.model import ChangeState
from services.household.boundaries.queries import get_change, list_changes, view_of
from services.household.boundaries.schemas import BoundaryChangeView, NewBoundaryChange
from shared.database import Page
from shared.domain.division import DivisionCode
from shared.refusal import NotFound, Stale
from shared.web import IfMatch, Paging, Reading, Router, Writing, refusals, requires, tagged
from shared.web.concurrency import PreconditionNeeded
from shared.web.edge import OutsideArea

router = Router(prefix="/divisions/changes", tags=["区划调整 changes of boundaries"])


@router.post(
    "",
    status_code=201,
    dependencies=[requires("divisions:write")],
    responses=refusals(BoundariesDoNotHold, VillageNotEmpty, ChangeUnderWay, OutsideArea),
)
async def plan(db: Writing, new: NewBoundaryChange, response: Response) -> BoundaryChangeView:
    """Name divisions anew, split, merge or transfer them, from a day on.

    On that day a job moves the households, with their past; a change of a past day begins at once. The caller's area
    must cover every division that is spoken of. Each move tells how many households it takes.
    """
    change = await commands.plan(db, new)
    response.headers["Location"] = f"{router.prefix}/{change.id}"
    tagged(response, change)
    return await view_of(db, change)


@router.get("", dependencies=[requires(None)])
async def changes(
    db: Reading,
    page: Paging,
    state: Annotated[list[ChangeState] | None, Query()] = None,
    division: DivisionCode | None = None,
) -> Page[BoundaryChangeView]:
    """List changes of boundaries, those of ``division`` if it is given."""
    return await list_changes(db, page, states=state or [], division=division)


@router.get("/{change_id}", dependencies=[requires(None)], responses=refusals(NotFound))
async def change(db: Reading, response: Response, change_id: UUID) -> BoundaryChangeView:
    """Return a change of boundaries."""
    view = await get_change(db, change_id)
    response.headers["ETag"] = f'"{view.version}"'
    return view


@router.post(
    "/{change_id}/cancellation",
    dependencies=[requires("divisions:write")],
    responses=refusals(NotFound, NotPlanned, OutsideArea, Stale, PreconditionNeeded),
)
async def cancel(db: Writing, response: Response, change_id: UUID, version: IfMatch) -> BoundaryChangeView:
    """Take back a change before its day."""
    cancelled = await commands.cancel(db, change_id, version)
    tagged(response, cancelled)
    return await view_of(db, cancelled)
