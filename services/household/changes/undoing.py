"""Undoing a natural change that was entered by mistake: everybody stands again where they stood.

Only while nothing later has touched the same people, and while their numbers are still free.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlmodel import col, select

from services.household.changes.errors import ChangedSince, UndoneAlready
from services.household.changes.family import Family, Standing, Trace
from services.household.changes.model import Kind, NaturalChange
from services.household.households.changing import lock_households, save
from services.household.households.holding import hold_numbers, let_go_of_number
from services.household.households.model import Member
from services.household.households.rules import HEAD, check_one_head, holds_number
from services.household.officials.terms import follow
from shared.database import Writer
from shared.refusal import NotFound


async def undo(db: Writer, household_id: UUID, change_id: UUID, version: int, reason: str) -> None:
    """Undo a change, in both households where it was one of two."""
    change = await db.get(NaturalChange, change_id)
    if change.household_id != household_id:
        raise NotFound
    households = await lock_households(db, {household_id, change.counterpart_id or household_id})
    households[household_id].expect(version)
    lines = await _lines(db, change.operation_id)
    families = [await Family.of(db, households[line.household_id]) for line in lines]
    for line, family in zip(lines, families, strict=True):
        _expect_untouched(line, family)
    for line, family in zip(lines, families, strict=True):
        await _let_go(db, line, family)
    for line, family in zip(lines, families, strict=True):
        await _restore(db, line, family)
        line.undone_by, line.undone_at, line.undo_reason = db.principal.name, db.now, reason
    await save(db, [(family.household, family.members) for family in families])
    await follow(db, [line.household_id for line in lines], on=change.happened_on)
    for line, family in zip(lines, families, strict=True):
        await _free_earlier(db, line, family)


async def _lines(db: Writer, operation_id: UUID) -> list[NaturalChange]:
    """Return both lines of an operation, as they are under lock."""
    wanted = select(NaturalChange).where(col(NaturalChange.operation_id) == operation_id)
    lines = await db.all(wanted.order_by(col(NaturalChange.id)).execution_options(populate_existing=True))
    if any(line.undone_at for line in lines):
        raise UndoneAlready
    return lines


def _expect_untouched(line: NaturalChange, family: Family) -> None:
    traces = {trace.member_id: trace for trace in _traces(line)}
    now = {member.id: member for member in family.members}
    if any(key not in now or now[key].version != trace.version for key, trace in traces.items()):
        raise ChangedSince
    # Who joined since said who they are to the head of now.
    head_goes = any(_is_head(trace.was) != _is_head(now[key]) for key, trace in traces.items())
    if head_goes and any(member.id not in traces for member in family.present):
        raise ChangedSince
    into = family.household.merged_into
    if into is not None and not (line.kind == Kind.MERGE and into == line.counterpart_id):
        # Nobody comes back into a household that is no more, before the merger itself is undone.
        raise ChangedSince
    if _is_founded(line) and family.household.version != line.household_version:
        raise ChangedSince


async def _let_go(db: Writer, line: NaturalChange, family: Family) -> None:
    """Free the numbers of all who were touched, and take back the rows of those who had not been there.

    Their history stays, so the mistake can still be read.
    """
    touched = [family.member(trace.member_id) for trace in _traces(line)]
    await let_go_of_number(db, *touched)
    joined = {trace.member_id for trace in _traces(line) if trace.was is None}
    for member in touched:
        if member.id in joined:
            await db.delete(member)
    family.members = [member for member in family.members if member.id not in joined]


async def _restore(db: Writer, line: NaturalChange, family: Family) -> None:
    """Let everybody stand where they stood, with their numbers: refused where one was registered elsewhere since."""
    restored = []
    for trace in _traces(line):
        if trace.was is not None:
            member = family.member(trace.member_id)
            trace.was.restore(member)
            restored.append(member)
    await hold_numbers(db, [member for member in restored if holds_number(member)])
    if family.present:
        check_one_head(member.relationship for member in family.present)
    if _is_founded(line):
        # A household is never deleted: this one stays, empty, and says where its people are.
        family.household.merged_into = line.counterpart_id
    elif line.kind == Kind.MERGE and family.household.merged_into == line.counterpart_id:
        family.household.merged_into = None


async def _free_earlier(db: Writer, undone: NaturalChange, family: Family) -> None:
    """Let earlier changes of the same people be undone next: what they left behind holds again, in a later version."""
    restored = {
        (trace.member_id, trace.was_version): family.member(trace.member_id).version
        for trace in _traces(undone)
        if trace.was is not None
    }
    earlier = select(NaturalChange).where(
        col(NaturalChange.household_id) == undone.household_id, col(NaturalChange.undone_at).is_(None)
    )
    for line in await db.all(earlier):
        traces = _traces(line)
        for trace in traces:
            trace.version = restored.get((trace.member_id, trace.version), trace.version)
        line.persons = [trace.model_dump(mode="json") for trace in traces]


def _traces(line: NaturalChange) -> Sequence[Trace]:
    return [Trace.model_validate(each) for each in line.persons]


def _is_founded(line: NaturalChange) -> bool:
    """Tell the new household of a split from the old one."""
    return line.kind == Kind.SPLIT and line.household_version == 1


def _is_head(somebody: Standing | Member | None) -> bool:
    return somebody is not None and somebody.left_on is None and somebody.relationship == HEAD
