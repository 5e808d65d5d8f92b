"""Public-welfare posts and their pay."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from shared.database.migrating import keep_history, limit_to_area, recorded, wait_briefly_for_locks

revision = "2027_01_03_monitoring_posts"
down_revision = "2027_01_02_monitoring_help"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand."""
    wait_briefly_for_locks()
    create_posts()
    limit_to_area("public_post", "post_pay")
    keep_history("public_post")
    keep_history("post_pay", root="post_id")


def create_posts() -> None:
    """Posts and their pay."""
    op.create_table(
        "public_post",
        *recorded(),
        place(),
        sa.Column("household_id", sa.Uuid(), nullable=False, index=True),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("kind", "work_area", "employer", "rule")),
        sa.Column("monthly_pay", sa.Numeric(14, 2), nullable=False),
        *(sa.Column(name, sa.Date(), nullable=False) for name in ("from_on", "until_on")),
        sa.Column("ended_on", sa.Date()),
        sa.Column("end_reason", sa.String()),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "post_pay",
        *recorded(),
        place(),
        sa.Column("post_id", sa.Uuid(), nullable=False),
        *(sa.Column(name, sa.Date(), nullable=False) for name in ("month", "due_on")),
        sa.Column("amount", sa.Numeric(14, 2)),
        sa.Column("paid_on", sa.Date()),
        sa.Column("fund_source", sa.String()),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("post_id", "month", name="uq_post_pay_post_id_month"),
        sa.CheckConstraint("(amount IS NULL) = (paid_on IS NULL)", name=op.f("ck_post_pay_paid_with_date")),
    )
    op.create_index("ix_post_pay_unpaid", "post_pay", ["due_on"], postgresql_where=sa.text("paid_on IS NULL"))


def place() -> sa.Column[Any]:
    """Where a row belongs."""
    return sa.Column("division_code", sa.String(12, collation="C"), nullable=False, index=True)
