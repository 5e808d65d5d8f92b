"""Finding people: a page costs three statements, whatever is asked."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func, or_, select as sa_select
from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from services.household.households.model import Household, Member
from services.household.households.private import masked, searched
from services.household.search.filters import conditions, in_letters, in_signs, is_letters
from services.household.search.model import MemberLetters
from services.household.search.schemas import PeopleSearch, PersonFound
from shared.database import Page, PageQuery, Reader
from shared.database.paging import cut
from shared.identity.private import sees_private


async def find_people(db: Reader, wanted: PeopleSearch, page: PageQuery) -> Page[PersonFound]:
    """Return the people of whom all that is said holds, by name where one is given, else by village."""
    if wanted.identity_number or wanted.phone:
        searched(db.principal, by="identity_number" if wanted.identity_number else "phone")
    if wanted.q and is_letters(wanted.q):
        found = await _by_letters(db, wanted, wanted.q, page)
    else:
        found = await _by_name(db, wanted, page)
    return found.with_items(await _shown(db, found.items))


async def _by_name(db: Reader, wanted: PeopleSearch, page: PageQuery) -> Page[Member]:
    people = (
        select(Member).join(Household, col(Household.id) == Member.household_id).where(*conditions(wanted))
    )
    if wanted.q is None:
        return await db.page(people, order=[Member.division_code, Member.id], page=page)
    return await db.page(people.where(in_signs(wanted.q)), order=[Member.name, Member.id], page=page)


async def _by_letters(db: Reader, wanted: PeopleSearch, q: str, page: PageQuery) -> Page[Member]:
    """Merge the people of each way to read the letters: a page of each holds all that can be on theirs together."""
    people = (
        select(MemberLetters)
        .join(Member, col(Member.id) == MemberLetters.member_id)
        .join(Household, col(Household.id) == Member.household_id)
        .where(*conditions(wanted))
    )
    order = [MemberLetters.pinyin, MemberLetters.member_id]
    ways = in_letters(q)
    # One more of each than the page takes, to see whether more follows.
    one_more = PageQuery.model_construct(limit=page.limit + 1, cursor=page.cursor)
    parts = [await db.page(people.where(way), order=order, page=one_more) for way in ways]
    each_once = {each.member_id: each for part in parts for each in part.items}
    merged = sorted(each_once.values(), key=lambda each: (each.pinyin, each.member_id))
    total = await _count(db, people.where(or_(*ways))) if page.count else None
    found = cut(merged, page.limit, lambda last: [last.pinyin, last.member_id], total=total)
    members = await _members(db, [each.member_id for each in found.items])
    return found.each(lambda letters: members[letters.member_id])


async def _members(db: Reader, ids: Sequence[UUID]) -> dict[UUID, Member]:
    return {each.id: each for each in await db.all(select(Member).where(col(Member.id).in_(ids)))}


async def _count(db: Reader, people: SelectOfScalar[MemberLetters]) -> int:
    return int(await db.scalar(sa_select(func.count()).select_from(people.subquery())))


async def _shown(db: Reader, members: Sequence[Member]) -> list[PersonFound]:
    clear = sees_private(db.principal, members=[str(member.id) for member in members])
    wanted = select(Household).where(col(Household.id).in_({member.household_id for member in members}))
    households: dict[UUID, Household] = {each.id: each for each in await db.all(wanted)}
    return [_found(member, households[member.household_id], clear=clear) for member in members]


def _found(member: Member, household: Household, *, clear: bool) -> PersonFound:
    return PersonFound(
        **masked(member.model_dump(), clear=clear),
        household_number=household.number,
        head_name=household.head_name,
        household_kind=household.kind,
    )
