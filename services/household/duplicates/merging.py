"""Two records become one, and two again: both households are locked, both are told of."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlmodel import col, select

from services.household.changes.errors import HouseholdMerged
from services.household.duplicates.commands import decide, locked_pair
from services.household.duplicates.errors import AlreadyDecided, NotMerged
from services.household.duplicates.model import UNDECIDED, PairState, ProbableDuplicate
from services.household.duplicates.restoring import restore
from services.household.duplicates.rules import DUPLICATE, columns_of, has_left, sides_of, taken
from services.household.duplicates.schemas import Merge
from services.household.households.changing import changed, lock_households, present_among
from services.household.households.errors import HeadCannotLeave, MemberGone
from services.household.households.holding import hold_numbers, let_go_of_number
from services.household.households.model import Household, Member
from services.household.households.queries import members_of
from services.household.households.rules import HEAD, check_one_head, holds_number
from services.household.households.sources import Source, came_from
from shared.contracts.household import PersonMoved, RecordMerged, RecordUnmerged
from shared.database import Reader, Writer
from shared.refusal import NotFound, Stale


@dataclass(frozen=True)
class Sides:
    """A pair with its two people and their one or two households."""

    pair: ProbableDuplicate
    one: Member
    other: Member
    households: dict[UUID, Household]

    @property
    def version(self) -> int:
        """What a decision rests on: the pair and the households; each only grows, so their sum names one state."""
        return self.pair.version + sum(household.version for household in self.households.values())


async def sides(db: Reader, pair: ProbableDuplicate) -> Sides:
    """Return a pair with all that a decision needs."""
    people = await _people(db, pair)
    wanted = select(Household).where(col(Household.id).in_([each.household_id for each in people]))
    return Sides(pair, *people, {each.id: each for each in await db.all(wanted)})


async def merge(db: Writer, pair_id: UUID, version: int, wanted: Merge) -> Sides:
    """Keep one of the two, with the values that were chosen; the other leaves, as registered twice."""
    sides = await _locked(db, pair_id, version)
    if sides.pair.state not in UNDECIDED:
        raise AlreadyDecided
    kept, gone = sides_of(sides.one, sides.other, wanted.keep)
    if has_left(kept) or has_left(gone):
        raise MemberGone
    columns = columns_of(taken(kept, gone, wanted.take))
    if kept.household_id == gone.household_id and gone.relationship == HEAD:
        columns.append("relationship")
    households = {"kept": str(kept.household_id), "gone": str(gone.household_id)}
    before = {"kept": kept.version, "gone": gone.version}
    await _move(db, kept, gone, columns)
    for household in sides.households.values():
        present = present_among(await members_of(db, household.id))
        if present and all(each.relationship != HEAD for each in present):
            raise HeadCannotLeave
        await changed(db, household)
    after = {"kept": kept.version, "gone": gone.version}
    sides.pair.kept_id = kept.id
    sides.pair.merge = {"columns": columns, "households": households, "before": before, "after": after}
    await _decided(db, sides.pair, PairState.MERGED, wanted.reason)
    _tell(db, RecordMerged, sides.households, kept, gone)
    return sides


async def unmerge(db: Writer, pair_id: UUID, version: int, *, reason: str) -> Sides:
    """Make two of one again: what the merge changed is as it was, what was changed since stays."""
    sides = await _locked(db, pair_id, version)
    pair = sides.pair
    if pair.state != PairState.MERGED or pair.merge is None:
        raise NotMerged
    kept, gone = sides_of(sides.one, sides.other, pair.kept_id)
    if sides.households[gone.household_id].merged_into:
        raise HouseholdMerged
    columns: list[str] = pair.merge["columns"]
    await restore(db, kept, columns, pair.merge, "kept")
    await restore(db, gone, ["left_on", "leave_reason"], pair.merge, "gone")
    one, other = await _people(db, pair)
    kept, gone = sides_of(one, other, pair.kept_id)
    if "number_index" in columns:
        await let_go_of_number(db, kept)
        await hold_numbers(db, [kept] if holds_number(kept) else [])
    await hold_numbers(db, [gone])
    for household in sides.households.values():
        if present := present_among(await members_of(db, household.id)):
            check_one_head(each.relationship for each in present)
        await changed(db, household)
    await _decided(db, pair, PairState.UNMERGED, reason)
    _tell(db, RecordUnmerged, sides.households, kept, gone)
    return Sides(pair, one, other, sides.households)


async def _move(db: Writer, kept: Member, gone: Member, columns: list[str]) -> None:
    await let_go_of_number(db, gone)
    for name in columns:
        value = getattr(gone, name)
        setattr(kept, name, list(value) if isinstance(value, list) else value)
    if "number_index" in columns:
        await let_go_of_number(db, kept)
        await hold_numbers(db, [kept])
    gone.left_on, gone.leave_reason = db.today, DUPLICATE
    await db.flush()


def _tell(
    db: Writer,
    kind: type[RecordMerged | RecordUnmerged],
    households: dict[UUID, Household],
    kept: Member,
    gone: Member,
) -> None:
    """Record whose record was which, for those who keep something about either."""
    of_gone = households[gone.household_id]
    db.record(
        kind(
            household_id=of_gone.id,
            into_id=kept.household_id,
            division_code=of_gone.division_code,
            happened_on=db.today,
            persons=(PersonMoved(member_id=gone.id, became=kept.id),),
            version=of_gone.version,
        )
    )


async def _locked(db: Writer, pair_id: UUID, version: int) -> Sides:
    pair = await locked_pair(db, pair_id)
    households = await lock_households(db, {each.household_id for each in await _people(db, pair)})
    # Read again behind the locks: whoever held them may have changed the people.
    sides = Sides(pair, *await _people(db, pair), households)
    if sides.version != version:
        raise Stale
    return sides


async def _people(db: Reader, pair: ProbableDuplicate) -> tuple[Member, Member]:
    wanted = select(Member).where(col(Member.id).in_((pair.one_id, pair.other_id))).order_by(col(Member.id))
    people = await db.all(wanted.execution_options(populate_existing=True))
    if len(people) < 2:  # noqa: PLR2004 - one of the two now lives where the caller does not see it
        raise NotFound
    return people[0], people[1]


async def _decided(db: Writer, pair: ProbableDuplicate, state: PairState, reason: str) -> None:
    decide(db, pair, state, reason)
    await came_from(db, Source.DUPLICATES, pair.id)
    await db.flush()
