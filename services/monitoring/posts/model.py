"""Tables of public-welfare posts and of their pay, month by month."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Numeric, UniqueConstraint, text
from sqlmodel import Field

from services.monitoring.dates import months_after
from services.monitoring.posts import errors
from services.monitoring.tables import Row
from shared.database import Identified, Placed, Recorded


class PublicPost(Row, Identified, Placed, Recorded, table=True):
    """A public-welfare post (公益性岗位) that a person holds for a time."""

    household_id: UUID = Field(index=True)
    member_id: UUID
    kind: str
    #: What the person looks after, and where.
    work_area: str
    #: Who employs and pays.
    employer: str
    monthly_pay: Decimal = Field(sa_type=Numeric(14, 2))
    from_on: date
    #: The last day: of the term, or earlier where the post was ended.
    until_on: date
    ended_on: date | None = None
    end_reason: str | None = None
    #: The version of the rule by which the person was appointed.
    rule: str

    def months(self) -> Iterator[date]:
        """Give the first days of the months in which the post is held."""
        month = self.from_on.replace(day=1)
        while month <= self.until_on:
            yield month
            month = months_after(month, 1)

    def end(self, *, reason: str, on: date) -> None:
        """End it before its time; pay is owed for the months up to this one."""
        if self.ended_on is not None or on > self.until_on:
            raise errors.PostEnded
        self.ended_on, self.until_on, self.end_reason = on, on, reason


class PostPay(Row, Identified, Placed, Recorded, table=True):
    """What a post's holder is owed and was paid for a month (岗位补贴发放)."""

    __table_args__ = (
        UniqueConstraint("post_id", "month"),
        CheckConstraint("(amount IS NULL) = (paid_on IS NULL)", name="paid_with_date"),
        Index("ix_post_pay_unpaid", "due_on", postgresql_where=text("paid_on IS NULL")),
        {"info": {"root": "post_id"}},
    )

    post_id: UUID
    #: Its first day.
    month: date
    #: The last day on which pay is in time.
    due_on: date
    amount: Decimal | None = Field(default=None, sa_type=Numeric(14, 2))
    paid_on: date | None = None
    fund_source: str | None = None
