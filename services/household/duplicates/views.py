"""Showing a pair side by side: masked, unless the caller may see private fields."""

from __future__ import annotations

from uuid import UUID

from services.household.duplicates.merging import Sides
from services.household.duplicates.model import UNDECIDED
from services.household.duplicates.queries import pair_line
from services.household.duplicates.rules import choosable, has_left, sides_of, suggested
from services.household.duplicates.schemas import FieldChoice, MergePreview, PairSide, PairView
from services.household.households.errors import HeadCannotLeave, MemberGone
from services.household.households.model import Member
from services.household.households.private import masked
from services.household.households.rules import HEAD
from services.household.households.views import member_view
from shared.identity.principal import Principal
from shared.identity.private import sees_private


def pair_view(sides: Sides, caller: Principal, *, keep: UUID | None = None) -> PairView:
    """Show a pair with both records and what a merge would do; reading private fields unmasked is logged."""
    clear = sees_private(caller, duplicate_id=str(sides.pair.id))
    people = {member.id: member for member in (sides.one, sides.other)}
    preview = _preview(sides, keep, clear=clear) if sides.pair.state in UNDECIDED else None
    return PairView(
        **pair_line(sides.pair, people).model_dump(),
        sides=[_side(sides, member, clear=clear) for member in people.values()],
        preview=preview,
    )


def _side(sides: Sides, member: Member, *, clear: bool) -> PairSide:
    household = sides.households[member.household_id]
    return PairSide(
        member=member_view(member.model_dump(), clear=clear),
        household_id=household.id,
        household_number=household.number,
        division_code=household.division_code,
        head_name=household.head_name,
        member_count=household.member_count,
    )


def _preview(sides: Sides, keep: UUID | None, *, clear: bool) -> MergePreview:
    kept, gone = sides_of(sides.one, sides.other, keep)
    fields, take = choosable(kept, gone), suggested(kept, gone)
    shown, beside = (masked(each.model_dump(include=set(fields)), clear=clear) for each in (kept, gone))
    left = sides.households[gone.household_id].member_count - (gone.left_on is None)
    return MergePreview(
        keep=kept.id,
        fields=[
            FieldChoice(
                field=name,
                kept=shown[name],
                other=beside[name],
                agrees=getattr(kept, name) == getattr(gone, name),
                take=name in take,
            )
            for name in fields
        ],
        emptied=[] if left else [gone.household_id],
        obstacle=_obstacle(kept, gone, left),
    )


def _obstacle(kept: Member, gone: Member, left: int) -> str | None:
    if has_left(kept) or has_left(gone):
        return MemberGone.code
    elsewhere = kept.household_id != gone.household_id
    return HeadCannotLeave.code if elsewhere and left and gone.relationship == HEAD else None
