"""Questions about grids."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func, select as sa_select
from sqlmodel import col, select

from services.household.divisions.model import Grid
from services.household.grids.schemas import GridView
from services.household.households.model import Household
from services.household.households.private import masked
from shared.database import Page, PageQuery, Reader, inside
from shared.identity.private import sees_private


async def list_grids(
    db: Reader, page: PageQuery, *, division: str | None, q: str | None, closed: bool
) -> Page[GridView]:
    """List the grids within a division by village and number; ``q`` is part of the name or of the officer's."""
    wanted = select(Grid)
    if division:
        wanted = wanted.where(inside(Grid.division_code, division))
    if q:
        named = col(Grid.name).contains(q, autoescape=True)
        wanted = wanted.where(named | col(Grid.officer_name).contains(q, autoescape=True))
    if not closed:
        wanted = wanted.where(col(Grid.closed_on).is_(None))
    found = await db.page(wanted, order=[Grid.division_code, Grid.number], page=page)
    return found.with_items(await _views(db, found.items))


async def get_grid(db: Reader, grid_id: UUID) -> GridView:
    """Return one grid."""
    return (await _views(db, [await db.get(Grid, grid_id)]))[0]


async def _views(db: Reader, grids: Sequence[Grid]) -> list[GridView]:
    ids = [grid.id for grid in grids]
    held = sa_select(col(Household.grid_id), func.count(), func.sum(col(Household.member_count)))
    rows = await db.rows(held.where(col(Household.grid_id).in_(ids)).group_by(col(Household.grid_id)))
    counts = {grid_id: (households, people) for grid_id, households, people in rows}
    clear = sees_private(db.principal, grids=[str(key) for key in ids])
    return [
        GridView(
            **masked(grid.model_dump(), clear=clear),
            households=counts.get(grid.id, (0, 0))[0],
            people=counts.get(grid.id, (0, 0))[1],
        )
        for grid in grids
    ]
