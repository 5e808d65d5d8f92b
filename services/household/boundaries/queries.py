"""Questions about changes of boundaries."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, func
from sqlmodel import col, select

from services.household.boundaries.model import BoundaryChange, ChangeState
from services.household.boundaries.schemas import BoundaryChangeView, Move, MoveView
from services.household.households.model import Household
from shared.database import Page, PageQuery, Reader

_UNBEGUN = {ChangeState.PLANNED.value, ChangeState.CANCELLED.value, ChangeState.REFUSED.value}


async def list_changes(
    db: Reader, page: PageQuery, *, states: Sequence[ChangeState], division: str | None
) -> Page[BoundaryChangeView]:
    """List changes, the earliest day first."""
    wanted = select(BoundaryChange)
    if states:
        wanted = wanted.where(col(BoundaryChange.state).in_(states))
    if division:
        wanted = wanted.where(col(BoundaryChange.codes).contains([division]))
    found = await db.page(wanted, order=[BoundaryChange.effective_on, BoundaryChange.id], page=page)
    views = [_view(each, None if _waits(each) else each.moved) for each in found.items]
    return found.with_items(views)


async def get_change(db: Reader, change_id: UUID) -> BoundaryChangeView:
    """Return one change."""
    return await view_of(db, await db.get(BoundaryChange, change_id))


async def view_of(db: Reader, change: BoundaryChange) -> BoundaryChangeView:
    """Show a change: of one that waits, how many of the caller's households each move would take now."""
    if not _waits(change):
        return _view(change, change.moved)
    moves = moves_of(change)
    return _view(change, [await _waiting(db, moves, place) for place in range(len(moves))])


def moves_of(change: BoundaryChange) -> list[Move]:
    """Return a change's moves."""
    return [Move.model_validate(move) for move in change.moves]


def moving(move: Move) -> ColumnElement[bool]:
    """Return what holds of the households that a move takes."""
    wanted = col(Household.division_code) == move.from_code
    if move.groups:
        wanted &= col(Household.group_name).in_(move.groups)
    if move.household_ids:
        wanted &= col(Household.id).in_(move.household_ids)
    return wanted


def _view(change: BoundaryChange, households: Sequence[int] | None) -> BoundaryChangeView:
    moves = moves_of(change)
    counts: Sequence[int | None] = households or [None] * len(moves)
    return BoundaryChangeView(
        **change.model_dump(exclude={"moves"}),
        moves=[
            MoveView(**move.model_dump(), households=count) for move, count in zip(moves, counts, strict=True)
        ],
    )


def _waits(change: BoundaryChange) -> bool:
    return change.state in _UNBEGUN


async def _waiting(db: Reader, moves: Sequence[Move], place: int) -> int:
    """Count whom a move takes once the earlier ones have taken theirs."""
    wanted = select(func.count()).select_from(Household).where(moving(moves[place]))
    for earlier in moves[:place]:
        if earlier.from_code == moves[place].from_code:
            wanted = wanted.where(~moving(earlier))
    return int(await db.scalar(wanted))
