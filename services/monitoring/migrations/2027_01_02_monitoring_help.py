"""Small credit, payments, plans risk by risk, stated reasons and marks of late help."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from shared.database.migrating import keep_history, limit_to_area, recorded, wait_briefly_for_locks

revision = "2027_01_02_monitoring_help"
down_revision = "2026_12_25_monitoring_rulebook"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand; what was paid so far becomes each measure's first payment."""
    wait_briefly_for_locks()
    extend_assistance()
    create_credits()
    create_gaps()
    limit_to_area("small_credit", "stated_reason", "late_duty")
    keep_history("small_credit")


def extend_assistance() -> None:
    """Plans and measures."""
    op.add_column("plan", sa.Column("intents", JSONB(), server_default="[]", nullable=False))
    for name in ("occasion", "reviewed_by", "review"):
        op.add_column("plan", sa.Column(name, sa.String()))
    op.add_column("plan", sa.Column("reviewed_on", sa.Date()))
    op.add_column("measure", sa.Column("project", sa.String()))
    op.add_column("measure", sa.Column("ends_on", sa.Date()))
    op.add_column("measure", sa.Column("credit_id", sa.Uuid()))
    op.add_column("measure", sa.Column("payments", JSONB(), server_default="[]", nullable=False))
    op.execute(
        """
        UPDATE measure SET payments = jsonb_build_array(jsonb_build_object(
            'source', fund_source, 'amount', funds_paid::text, 'on', coalesce(done_on, started_on, planned_on),
            'by', changed_by, 'reason', NULL
        ))
        WHERE funds_paid > 0
        """
    )


def create_credits() -> None:
    """Loans."""
    op.create_table(
        "small_credit",
        *recorded(),
        place(),
        sa.Column("household_id", sa.Uuid(), nullable=False, index=True),
        sa.Column("borrower_id", sa.Uuid(), nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("bank", "purpose", "description")),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("status", "rule")),
        *(sa.Column(name, sa.Numeric(14, 2), nullable=False) for name in ("amount", "repaid")),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("term_months", "extensions")),
        *(sa.Column(name, sa.Date(), nullable=False) for name in ("granted_on", "due_on")),
        *(sa.Column(name, sa.Date()) for name in ("used_on", "overdue_on", "closed_on")),
        sa.Column("renews", sa.Uuid()),
        sa.Column("usage", JSONB()),
        *(sa.Column(name, JSONB(), nullable=False) for name in ("doubts", "evidence")),
        *(sa.Column(name, ARRAY(sa.String()), nullable=False) for name in ("open_flags", "confirmed_flags")),
        sa.PrimaryKeyConstraint("id"),
        sa.CheckConstraint(
            "(status IN ('repaid', 'renewed')) = (closed_on IS NOT NULL)",
            name=op.f("ck_small_credit_closed_with_date"),
        ),
        sa.CheckConstraint("repaid <= amount", name=op.f("ck_small_credit_repaid_what_was_lent")),
    )
    op.create_index(
        "ix_small_credit_running", "small_credit", ["due_on"], postgresql_where=sa.text("closed_on IS NULL")
    )


def create_gaps() -> None:
    """What is said and marked about missing help."""
    op.create_table(
        "stated_reason",
        sa.Column("id", sa.Uuid(), nullable=False),
        place(),
        sa.Column("monitored_id", sa.Uuid(), nullable=False, index=True),
        *(
            sa.Column(name, sa.String(), nullable=False)
            for name in ("risk_type", "reason", "said_by", "said_by_name")
        ),
        *(sa.Column(name, sa.Date(), nullable=False) for name in ("said_on", "until_on")),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "late_duty",
        sa.Column("id", sa.Uuid(), nullable=False),
        place(),
        sa.Column("monitored_id", sa.Uuid(), nullable=False),
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("duty", sa.String(), nullable=False),
        *(sa.Column(name, sa.Date(), nullable=False) for name in ("tagged_on", "due_on", "overdue_on")),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint(
            "monitored_id", "duty", "tagged_on", name="uq_late_duty_monitored_id_duty_tagged_on"
        ),
    )


def place() -> sa.Column[Any]:
    """Where a row belongs."""
    return sa.Column("division_code", sa.String(12, collation="C"), nullable=False, index=True)
