"""Entering, changing and closing grids; their households are told of in sets."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import ColumnElement, text, update
from sqlmodel import col, select

from services.household.divisions.model import Grid
from services.household.divisions.queries import find_village
from services.household.divisions.rules import is_there
from services.household.grids.errors import GridClosed, GridNumberTaken, GroupTaken, NotOfVillage
from services.household.grids.schemas import GridChange, NewGrid
from services.household.households.errors import UnknownVillage, VillageClosed
from services.household.households.model import Household
from services.household.households.telling import tell
from shared.database import Writer

#: A village's grids are entered one at a time: which groups are taken stays true until the commit.
_ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(hashtext('grid'), hashtext(:village))")


async def enter(db: Writer, new: NewGrid) -> Grid:
    """Enter a grid; the households of its groups belong to it at once."""
    village = await find_village(db, new.division_code)
    if village is None:
        raise UnknownVillage
    if not is_there(village, db.today):
        raise VillageClosed
    await db.execute(_ONE_AT_A_TIME, {"village": new.division_code})
    others = await db.all(select(Grid).where(Grid.division_code == new.division_code))
    if any(other.number == new.number for other in others):
        raise GridNumberTaken
    grid = Grid(**new.model_dump())
    _check_groups(grid, others)
    db.add(grid)
    return await _entered(db, grid, of_groups=grid.groups)


async def change(db: Writer, grid_id: UUID, version: int, changes: GridChange) -> Grid:
    """Change what is given; the households of a group that is new to it belong to it at once."""
    grid = (await _locked(db, grid_id)).expect(version)
    before = set(grid.groups)
    for name, value in changes.model_dump(exclude_unset=True).items():
        setattr(grid, name, value)
    _check_groups(grid, await db.all(select(Grid).where(Grid.division_code == grid.division_code)))
    return await _entered(db, grid, of_groups=set(grid.groups) - before)


async def take_in(db: Writer, grid_id: UUID, version: int, household_ids: Collection[UUID]) -> Grid:
    """Let households of the village, by name, belong to the grid."""
    grid = (await _locked(db, grid_id)).expect(version)
    wanted = select(Household.id).where(col(Household.id).in_(household_ids))
    of_village = await db.all(wanted.where(Household.division_code == grid.division_code))
    if len(of_village) < len(set(household_ids)):
        raise NotOfVillage
    await _place(db, grid.id, col(Household.id).in_(household_ids))
    return grid


async def close(db: Writer, grid_id: UUID, version: int) -> Grid:
    """Close a grid: its households belong to none until another one takes them."""
    grid = (await _locked(db, grid_id)).expect(version)
    grid.closed_on, grid.groups = db.today, []
    await _entered(db, grid, of_groups=())
    await _place(db, None, col(Household.grid_id) == grid.id)
    return grid


async def _entered(db: Writer, grid: Grid, *, of_groups: Collection[str]) -> Grid:
    await db.flush()
    db.record(grid.changed())
    if of_groups:
        here = col(Household.division_code) == grid.division_code
        await _place(db, grid.id, here & col(Household.group_name).in_(of_groups))
    return grid


async def _place(db: Writer, grid_id: UUID | None, which: ColumnElement[bool]) -> None:
    """Let households belong to a grid, or to none, and tell of those for which that is new."""
    statement = (
        update(Household)
        .where(which, col(Household.grid_id).is_distinct_from(grid_id))
        .values(grid_id=grid_id)
        .returning(col(Household.id))
        .execution_options(synchronize_session=False)
    )
    await tell(db, changed=[key for (key,) in await db.rows(statement)])


async def _locked(db: Writer, grid_id: UUID) -> Grid:
    grid = await db.get(Grid, grid_id)
    await db.execute(_ONE_AT_A_TIME, {"village": grid.division_code})
    wanted = select(Grid).where(col(Grid.id) == grid_id).with_for_update()
    grid = await db.one(wanted.execution_options(populate_existing=True))
    if grid.closed_on:
        raise GridClosed
    return grid


def _check_groups(grid: Grid, others: Collection[Grid]) -> None:
    if any(set(other.groups) & set(grid.groups) for other in others if other.id != grid.id):
        raise GroupTaken
