"""Entering and cancelling a change of boundaries; on its day it begins and ends."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from uuid import UUID

from sqlalchemy import func, text
from sqlmodel import col, select

from services.household.boundaries.errors import (
    BoundariesDoNotHold,
    ChangeUnderWay,
    NotPlanned,
    VillageNotEmpty,
)
from services.household.boundaries.model import BoundaryChange, ChangeState
from services.household.boundaries.queries import moves_of
from services.household.boundaries.rules import faults_of
from services.household.boundaries.schemas import NewBoundaryChange
from services.household.divisions.commands import called
from services.household.divisions.model import Division, FormerName, Grid
from services.household.divisions.queries import divisions_of
from services.household.divisions.rules import is_there
from services.household.households.model import Household
from shared.database import Reader, Writer
from shared.domain.division import level_of, parent_of
from shared.jobs import enqueue
from shared.web.edge import OutsideArea

CARRY_OUT = "household.carry_out_boundaries"
_LIVE = (ChangeState.PLANNED.value, ChangeState.UNDER_WAY.value)
#: Two changes of the same divisions must not be entered at one moment.
_ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(hashtext('boundary_change'))")


async def plan(db: Writer, new: NewBoundaryChange) -> BoundaryChange:
    """Enter a change; one whose day has come is carried out at once."""
    if not all(db.principal.covers(code) for code in new.codes):
        raise OutsideArea
    await db.execute(_ONE_AT_A_TIME)
    same = select(BoundaryChange).where(
        col(BoundaryChange.codes).bool_op("&&")(list(new.codes)), col(BoundaryChange.state).in_(_LIVE)
    )
    if await db.first(same.limit(1)):
        raise ChangeUnderWay
    await _check(db, new)
    change = BoundaryChange(
        **new.model_dump(mode="json", include={"kind", "reason", "document", "divisions", "moves", "closes"}),
        effective_on=new.effective_on,
        codes=sorted(new.codes),
        moved=[0] * len(new.moves),
        owner=db.principal.subject,
        recorded_by=db.principal.name,
        areas=list(db.principal.areas),
    )
    db.add(change)
    await db.flush()
    if change.effective_on <= db.today:
        await ask_for(db, change.id)
    return change


async def cancel(db: Writer, change_id: UUID, version: int) -> BoundaryChange:
    """Take back a change before its day."""
    change = (await _locked(db, change_id)).expect(version)
    if not all(db.principal.covers(code) for code in change.codes):
        raise OutsideArea
    if change.state != ChangeState.PLANNED.value:
        raise NotPlanned
    change.state = ChangeState.CANCELLED.value
    await db.flush()
    return change


async def ask_for(db: Writer, change_id: UUID) -> UUID:
    """Ask for a change to be carried out; a run that still waits is enough."""
    return await enqueue(
        db, CARRY_OUT, {"change_id": str(change_id)}, once=f"carry_out_boundaries:{change_id}"
    )


async def begin(db: Writer, change_id: UUID) -> bool:
    """Enter, name and end the divisions of a change; False where it is not to be carried out, or no more.

    What ends does so first: nobody is registered any more in a village that is about to be emptied.
    """
    change = await _locked(db, change_id)
    if change.state != ChangeState.PLANNED.value:
        return change.state == ChangeState.UNDER_WAY.value
    await _check(
        db, NewBoundaryChange.model_validate(change.model_dump(include=set(NewBoundaryChange.model_fields)))
    )
    known = await divisions_of(db, change.codes)
    for each in change.divisions:
        division = known.get(each["code"]) or _entered(db, change, each["code"])
        known[division.code] = division
        _call(db, division, change, each["name"])
    for code in change.closes:
        known[code].valid_until = change.effective_on
    await _take_grids_along(db, change)
    change.state = ChangeState.UNDER_WAY.value
    await db.flush()
    db.record(
        *(
            known[code].changed()
            for code in sorted({each["code"] for each in change.divisions} | {*change.closes})
        )
    )
    return True


async def _take_grids_along(db: Writer, change: BoundaryChange) -> None:
    """Let the grids of a village go along where all of it becomes a new one; where it ends, they end with it."""
    new = {each["code"] for each in change.divisions}
    homes = {move.from_code: move.to_code for move in moves_of(change) if move.of_all and move.to_code in new}
    places = homes.keys() | set(change.closes)
    grids = await db.all(
        select(Grid).where(col(Grid.division_code).in_(places), col(Grid.closed_on).is_(None))
    )
    for grid in grids:
        if grid.division_code in homes:
            grid.division_code = homes[grid.division_code]
        else:
            grid.closed_on, grid.groups = change.effective_on, []
    await db.flush()
    await db.history_follows(Grid, [grid.id for grid in grids])
    db.record(*(grid.changed() for grid in grids))


async def finish(db: Writer, change_id: UUID) -> bool:
    """End a change; False while somebody is still left where everybody goes."""
    change = await _locked(db, change_id)
    if await _left(db, [move.from_code for move in moves_of(change) if move.of_all]):
        return False
    change.state, change.carried_out_at = ChangeState.DONE.value, db.now
    await db.flush()
    return True


async def refuse(db: Writer, change_id: UUID, *, words: str) -> None:
    """Note that a change no longer held on its day."""
    change = await _locked(db, change_id)
    change.state, change.refusal = ChangeState.REFUSED.value, words
    await db.flush()


async def _check(db: Reader, new: NewBoundaryChange) -> None:
    parents = {parent_of(each.code) or "" for each in new.divisions}
    known = await divisions_of(db, new.codes | parents)
    below: dict[str, set[str]] = defaultdict(set)
    for child in await db.all(select(Division).where(col(Division.parent_code).in_(new.closes))):
        if child.parent_code and is_there(child, new.effective_on):
            below[child.parent_code].add(child.code)
    if faults := faults_of(new, known, below):
        raise BoundariesDoNotHold(errors=tuple(faults))
    emptied = {move.from_code for move in new.moves if move.of_all}
    if await _left(db, set(new.closes) - emptied):
        raise VillageNotEmpty


async def _left(db: Reader, codes: Collection[str]) -> int:
    count = select(func.count()).select_from(Household)
    return int(await db.scalar(count.where(col(Household.division_code).in_(codes)))) if codes else 0


async def _locked(db: Writer, change_id: UUID) -> BoundaryChange:
    wanted = select(BoundaryChange).where(col(BoundaryChange.id) == change_id).with_for_update()
    return await db.one(wanted.execution_options(populate_existing=True))


def _call(db: Writer, division: Division, change: BoundaryChange, name: str) -> None:
    """Give a division its name; the one that it had until now is kept."""
    if division.name and division.name != name:
        db.add(FormerName(code=division.code, until=change.effective_on, name=division.name))
    for field, value in called(name).items():
        setattr(division, field, value)


def _entered(db: Writer, change: BoundaryChange, code: str) -> Division:
    division = Division(
        code=code,
        name="",
        level=level_of(code).value,
        parent_code=parent_of(code),
        pinyin="",
        initials="",
        valid_from=change.effective_on,
    )
    db.add(division)
    return division
