"""Questions about probable duplicates."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from uuid import UUID

from sqlalchemy import or_
from sqlmodel import col, select

from services.household.duplicates.model import ProbableDuplicate
from services.household.duplicates.schemas import PairLine, PersonLine
from services.household.households.model import Member
from shared.crypto.masking import mask_identity_number
from shared.database import Page, PageQuery, Reader, inside


async def list_pairs(
    db: Reader,
    page: PageQuery,
    *,
    states: Sequence[str],
    division: str | None,
    member_id: UUID | None,
    score_from: float,
) -> Page[PairLine]:
    """List pairs, the surest first, in two statements."""
    wanted = select(ProbableDuplicate).where(
        col(ProbableDuplicate.state).in_(states),
        col(ProbableDuplicate.doubt) <= Decimal(str(round(1 - score_from, 4))),
    )
    if division:
        wanted = wanted.where(inside(ProbableDuplicate.division_code, division))
    if member_id:
        wanted = wanted.where(
            or_(ProbableDuplicate.one_id == member_id, ProbableDuplicate.other_id == member_id)  # type: ignore[arg-type]
        )
    found = await db.page(wanted, order=[ProbableDuplicate.doubt, ProbableDuplicate.id], page=page)
    people = await _members(db, [key for pair in found.items for key in (pair.one_id, pair.other_id)])
    # One of the two may have moved to where the caller does not see it.
    seen = [pair for pair in found.items if pair.one_id in people and pair.other_id in people]
    return found.with_items([pair_line(pair, people) for pair in seen])


def pair_line(pair: ProbableDuplicate, people: Mapping[UUID, Member]) -> PairLine:
    """Show a pair."""
    return PairLine(
        **pair.model_dump(exclude={"doubt"}),
        score=float(1 - pair.doubt),
        one=_person(people[pair.one_id]),
        other=_person(people[pair.other_id]),
    )


def _person(member: Member) -> PersonLine:
    facts = member.model_dump(include={"household_id", "division_code", "name", "sex", "birth_date"})
    number = mask_identity_number(member.identity_number)
    return PersonLine(**facts, member_id=member.id, identity_number=number)


async def _members(db: Reader, ids: Collection[UUID]) -> dict[UUID, Member]:
    return {member.id: member for member in await db.all(select(Member).where(col(Member.id).in_(ids)))}
