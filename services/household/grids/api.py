"""``/grids``."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query, Response

from services.household.divisions.model import Grid
from services.household.grids import commands
from services.household.grids.errors import GridClosed, GridNumberTaken, GroupTaken, NotOfVillage
from services.household.grids.queries import get_grid, list_grids
from services.household.grids.schemas import GridChange, GridHouseholds, GridView, NewGrid
from services.household.households.errors import UnknownVillage, VillageClosed
from shared.database import Page, Reader
from shared.domain.division import DivisionCode
from shared.refusal import NotFound, Stale
from shared.web import IfMatch, Paging, Reading, Router, Writing, refusals, requires, tagged
from shared.web.concurrency import PreconditionNeeded

router = Router(prefix="/grids", tags=["村级网格 grids"])
_CHANGES = (NotFound, Stale, PreconditionNeeded, GridClosed)


@router.post(
    "",
    status_code=201,
    dependencies=[requires("households:write")],
    responses=refusals(UnknownVillage, VillageClosed, GridNumberTaken, GroupTaken),
)
async def enter(db: Writing, new: NewGrid, response: Response) -> GridView:
    """Enter a grid of a village with its officer; the households of its groups belong to it at once."""
    grid = await commands.enter(db, new)
    response.headers["Location"] = f"{router.prefix}/{grid.id}"
    return await _shown(db, grid, response)


@router.get("", dependencies=[requires("households:read")])
async def grids(
    db: Reading,
    page: Paging,
    *,
    division: DivisionCode | None = None,
    q: Annotated[
        str | None, Query(description="网格名称或网格员姓名 part of its name or of the officer's")
    ] = None,
    closed: Annotated[bool, Query(description="含已撤销 those that are no more, too")] = False,
) -> Page[GridView]:
    """List the grids within a division."""
    return await list_grids(db, page, division=division, q=q, closed=closed)


@router.get("/{grid_id}", dependencies=[requires("households:read")], responses=refusals(NotFound))
async def grid(db: Reading, response: Response, grid_id: UUID) -> GridView:
    """Return a grid."""
    view = await get_grid(db, grid_id)
    response.headers["ETag"] = f'"{view.version}"'
    return view


@router.patch(
    "/{grid_id}", dependencies=[requires("households:write")], responses=refusals(*_CHANGES, GroupTaken)
)
async def change(
    db: Writing, response: Response, grid_id: UUID, version: IfMatch, changes: GridChange
) -> GridView:
    """Change what is given: its name, its officer, its groups."""
    return await _shown(db, await commands.change(db, grid_id, version, changes), response)


@router.post(
    "/{grid_id}/households",
    dependencies=[requires("households:write")],
    responses=refusals(*_CHANGES, NotOfVillage),
)
async def take_in(
    db: Writing, response: Response, grid_id: UUID, version: IfMatch, wanted: GridHouseholds
) -> GridView:
    """Let households of the village belong to the grid."""
    return await _shown(db, await commands.take_in(db, grid_id, version, wanted.household_ids), response)


@router.post("/{grid_id}/closure", dependencies=[requires("households:write")], responses=refusals(*_CHANGES))
async def close(db: Writing, response: Response, grid_id: UUID, version: IfMatch) -> GridView:
    """Close a grid; its households belong to none until another grid takes them."""
    return await _shown(db, await commands.close(db, grid_id, version), response)


async def _shown(db: Reader, grid: Grid, response: Response) -> GridView:
    tagged(response, grid)
    return await get_grid(db, grid.id)
