"""What is done with public-welfare posts."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from uuid import UUID

import orjson
from sqlalchemy import delete, exists, text
from sqlmodel import col, select

from services.monitoring.dates import happened_on, months_after
from services.monitoring.forms import FILED_APART
from services.monitoring.papers.commands import file_papers
from services.monitoring.posts import errors
from services.monitoring.posts.model import PostPay, PublicPost
from services.monitoring.posts.rules import expect_appointable, post_rule
from services.monitoring.posts.schemas import AppointmentForm, EndForm, PayrollForm, PayrollView
from services.monitoring.replicas.queries import lock_household, present_members
from services.monitoring.replicas.rules import expect_member
from shared.database import Reader, Writer
from shared.domain.division import area_range
from shared.refusal import Fault, Invalid

_PAY = text(
    """
    UPDATE post_pay SET amount = told.amount, paid_on = :on, fund_source = :fund_source
    FROM jsonb_to_recordset(CAST(:lines AS jsonb)) AS told (post_id uuid, amount numeric)
    WHERE post_pay.post_id = told.post_id AND post_pay.month = :month
        AND post_pay.division_code >= :low AND post_pay.division_code < :high
    RETURNING post_pay.post_id, post_pay.amount
    """
)
_PAY_AS_AGREED = text(
    """
    UPDATE post_pay SET amount = post.monthly_pay, paid_on = :on, fund_source = :fund_source
    FROM public_post post
    WHERE post.id = post_pay.post_id AND post_pay.month = :month AND post_pay.paid_on IS NULL
        AND post_pay.division_code >= :low AND post_pay.division_code < :high
    RETURNING post_pay.post_id, post_pay.amount
    """
)
_COUNT_UNPAID = text(
    """
    SELECT count(*) FROM post_pay
    WHERE month = :month AND paid_on IS NULL AND division_code >= :low AND division_code < :high
    """
)


async def appoint(db: Writer, form: AppointmentForm) -> PublicPost:
    """Give a person a post, and owe them pay for each of its months; the household's lock keeps it to one a person."""
    on = happened_on(form.on, db.today)
    household = await lock_household(db, form.household_id)
    person = expect_member(await present_members(db, household.id), form.member_id)
    rule = post_rule(on)
    if person is not None:
        expect_appointable(person, rule, on)
    until_on = date.fromordinal(months_after(on, form.months).toordinal() - 1)
    if await _holds_one(db, form, on, until_on):
        raise errors.PostHeldAlready
    post = PublicPost(
        **form.model_dump(exclude=FILED_APART | {"months"}),
        division_code=household.division_code,
        from_on=on,
        until_on=until_on,
        rule=rule.version,
    )
    pays = [
        PostPay(post_id=post.id, division_code=post.division_code, month=month, due_on=rule.pay_due_on(month))
        for month in post.months()
    ]
    db.add(post, *pays)
    await db.flush()
    await file_papers(db, post, post.id, household.id, form)
    return post


async def end(db: Writer, post_id: UUID, form: EndForm, *, version: int) -> PublicPost:
    """End a post; for the months after it nothing is owed any more."""
    post = await db.one(select(PublicPost).where(col(PublicPost.id) == post_id).with_for_update())
    post.expect(version).end(reason=form.reason, on=happened_on(form.on, db.today, since=post.from_on))
    await db.flush()
    await file_papers(db, post, post.id, post.household_id, form)
    await db.execute(
        delete(PostPay)
        .where(
            col(PostPay.post_id) == post.id,
            col(PostPay.month) > post.until_on,
            col(PostPay.paid_on).is_(None),
        )
        .execution_options(synchronize_session=False)
    )
    return post


async def pay(db: Writer, form: PayrollForm) -> PayrollView:
    """Enter a place's pay of a month in one statement; entered again, a line takes the place of the earlier one."""
    month = date.fromisoformat(f"{form.month}-01")
    on = happened_on(form.on, db.today, since=month)
    low, high = area_range(form.division)
    place = {"month": month, "low": low, "high": high}
    values = place | {"on": on, "fund_source": form.fund_source}
    if form.lines:
        lines = orjson.dumps([line.model_dump(mode="json") for line in form.lines]).decode()
        done = await db.execute(_PAY, values | {"lines": lines})
    else:
        done = await db.execute(_PAY_AS_AGREED, values)
    paid = {row.post_id: row.amount for row in done}
    _expect_known(form, paid)
    unpaid = int(await db.scalar(_COUNT_UNPAID, place))
    return PayrollView(paid=len(paid), total=sum(paid.values(), Decimal("0.00")), unpaid=unpaid)


def _expect_known(form: PayrollForm, paid: dict[UUID, Decimal]) -> None:
    seen: set[UUID] = set()
    faults = []
    for number, line in enumerate(form.lines):
        at = f"/lines/{number}/post_id"
        if line.post_id not in paid:
            faults.append(Fault(at, "not_owed", "no post of this place and month", zh="该地该月没有此岗位"))
        elif line.post_id in seen:
            faults.append(Fault(at, "named_twice", "named already", zh="岗位重复"))
        seen.add(line.post_id)
    if faults:
        raise Invalid(errors=tuple(faults))


async def _holds_one(db: Reader, form: AppointmentForm, on: date, until_on: date) -> bool:
    held = exists().where(
        col(PublicPost.household_id) == form.household_id,
        col(PublicPost.member_id) == form.member_id,
        col(PublicPost.until_on) >= on,
        col(PublicPost.from_on) <= until_on,
    )
    return bool(await db.scalar(select(held)))
