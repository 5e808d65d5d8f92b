"""Questions about public-welfare posts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, not_, or_, tuple_
from sqlmodel import col, select

from services.monitoring.posts.model import PostPay, PublicPost
from services.monitoring.posts.rules import OUT_OF_COUNTY, flags_of, mark_of, post_rule
from services.monitoring.posts.schemas import FlagView, Mark, PayQuery, PayView, PostQuery, PostView
from services.monitoring.replicas.model import PersonReplica
from services.monitoring.replicas.rules import ABLE
from shared.database import Page, PageQuery, Reader, inside


async def page_of(db: Reader, query: PostQuery, page: PageQuery) -> Page[PostView]:
    """Return posts in the order in which they were entered."""
    conditions: list[ColumnElement[bool]] = []
    if query.division:
        conditions.append(inside(PublicPost.division_code, query.division))
    if query.household_id:
        conditions.append(col(PublicPost.household_id) == query.household_id)
    if query.kind:
        conditions.append(col(PublicPost.kind).in_(query.kind))
    held = col(PublicPost.until_on) >= db.today
    if query.held is not None:
        conditions.append(held if query.held else ~held)
    if query.flag:
        flagged = _flagged(db.today)
        conditions += [held, or_(*(flagged[each] for each in query.flag))]
    found = await db.page(select(PublicPost).where(*conditions), order=[col(PublicPost.id)], page=page)
    return found.with_items(await shown(db, found.items))


async def shown(db: Reader, posts: Sequence[PublicPost]) -> list[PostView]:
    """Return posts with their holders' names and what speaks against them today."""
    key = tuple_(col(PersonReplica.household_id), col(PersonReplica.member_id))
    keys = [(post.household_id, post.member_id) for post in posts]
    persons = await db.all(select(PersonReplica).where(key.in_(keys)))
    known = {(each.household_id, each.member_id): each for each in persons}
    return [_view(post, known.get((post.household_id, post.member_id)), db.today) for post in posts]


async def page_of_pay(db: Reader, query: PayQuery, page: PageQuery) -> Page[PayView]:
    """Return the pay of months, post by post."""
    conditions: list[ColumnElement[bool]] = []
    if query.division:
        conditions.append(inside(PostPay.division_code, query.division))
    if query.post_id:
        conditions.append(col(PostPay.post_id) == query.post_id)
    if query.month:
        conditions.append(col(PostPay.month) == date.fromisoformat(f"{query.month}-01"))
    if query.mark:
        marked = _marked(db.today)
        conditions.append(or_(*(marked[each] for each in query.mark)))
    found = await db.page(select(PostPay).where(*conditions), order=[col(PostPay.id)], page=page)
    return found.each(lambda pay: _pay_view(pay, db.today))


def _view(post: PublicPost, person: PersonReplica | None, today: date) -> PostView:
    rule = post_rule(today)
    flags = flags_of(person, rule, today) if post.until_on >= today else ()
    view = PostView.model_validate(post)
    return view.model_copy(
        update={
            "member_name": person.name if person else None,
            "flags": [
                FlagView(flag=flag, rule=rule.version, source=rule.source, **rule.flags[flag].model_dump())
                for flag in flags
            ],
        }
    )


def _pay_view(pay: PostPay, today: date) -> PayView:
    return PayView(
        **pay.model_dump(exclude={"month", "changed_at", "changed_by", "change_reason"}),
        month=f"{pay.month:%Y-%m}",
        mark=mark_of(pay.due_on, pay.paid_on, today),
    )


def _flagged(today: date) -> dict[str, ColumnElement[bool]]:
    """Say in SQL what ``flags_of`` says of one holder: a test holds the two together."""
    too_early = post_rule(today).born_too_early(today)
    return {
        "left_household": not_(_holder()),
        "out_of_county": _holder(col(PersonReplica.work_place).in_(OUT_OF_COUNTY)),
        "too_old": _holder(col(PersonReplica.birth_date) <= too_early),
        "cannot_work": _holder(col(PersonReplica.labour).not_in(ABLE)),
    }


def _holder(*conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    return (
        exists()
        .where(
            col(PersonReplica.household_id) == col(PublicPost.household_id),
            col(PersonReplica.member_id) == col(PublicPost.member_id),
            col(PersonReplica.left_on).is_(None),
            *conditions,
        )
        .correlate(PublicPost)
    )


def _marked(today: date) -> dict[Mark, ColumnElement[bool]]:
    """Say in SQL what ``mark_of`` says of one month."""
    unpaid, over = col(PostPay.paid_on).is_(None), col(PostPay.due_on) < today
    late = col(PostPay.paid_on) > col(PostPay.due_on)
    return {
        Mark.OPEN: and_(unpaid, ~over),
        Mark.MISSING: and_(unpaid, over),
        Mark.LATE: late,
        Mark.PAID: and_(~unpaid, ~late),
    }


async def get_post(db: Reader, post_id: UUID) -> tuple[PublicPost, PostView]:
    """Return one post."""
    post = await db.get(PublicPost, post_id)
    return post, (await shown(db, [post]))[0]
