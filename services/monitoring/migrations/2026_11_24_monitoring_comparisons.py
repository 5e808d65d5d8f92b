"""Departmental comparison: batches, rows, outcomes, alerts; and names of persons as they are compared."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from shared.database.migrating import keep_history, limit_to_area, wait_briefly_for_locks

revision = "2026_11_24_monitoring_comparisons"
down_revision = "2026_11_24_monitoring"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand."""
    wait_briefly_for_locks()
    op.create_table(
        "comparison",
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column(
            "changed_at", sa.DateTime(timezone=True), server_default=sa.text("fangfan_now()"), nullable=False
        ),
        sa.Column("changed_by", sa.String(), server_default=sa.text("fangfan_actor()"), nullable=False),
        sa.Column("change_reason", sa.String(), server_default=sa.text("fangfan_reason()"), nullable=False),
        sa.Column("division_code", sa.String(length=12, collation="C"), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("dataset", sa.String(), nullable=False),
        sa.Column("period", sa.String(), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("owner_name", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("filename", sa.String(), nullable=False),
        sa.Column("job_id", sa.Uuid(), nullable=True),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("superseded_by", sa.Uuid(), nullable=True),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("matched", sa.Integer(), nullable=False),
        sa.Column("mismatched", sa.Integer(), nullable=False),
        sa.Column("unmatched", sa.Integer(), nullable=False),
        sa.Column("invalid", sa.Integer(), nullable=False),
        sa.Column("alerts", sa.Integer(), nullable=False),
        sa.Column("towns", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_comparison")),
    )
    op.create_index("ix_comparison_dataset_period", "comparison", ["dataset", "period"], unique=False)
    op.create_index(op.f("ix_comparison_division_code"), "comparison", ["division_code"], unique=False)
    op.create_table(
        "comparison_alert",
        sa.Column("division_code", sa.String(length=12, collation="C"), nullable=False),
        sa.Column("rule", sa.String(), nullable=False),
        sa.Column("window", sa.String(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("comparison_id", sa.Uuid(), nullable=False),
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("rule_version", sa.String(), nullable=False),
        sa.Column("person_class", sa.String(), nullable=False),
        sa.Column("value", sa.Numeric(precision=14, scale=2), nullable=True),
        sa.Column("threshold", sa.Numeric(precision=14, scale=2), nullable=True),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("rule", "window", "member_id", name=op.f("pk_comparison_alert")),
    )
    op.create_index(
        op.f("ix_comparison_alert_comparison_id"), "comparison_alert", ["comparison_id"], unique=False
    )
    op.create_index(
        op.f("ix_comparison_alert_division_code"), "comparison_alert", ["division_code"], unique=False
    )
    op.create_table(
        "comparison_reject",
        sa.Column("division_code", sa.String(length=12, collation="C"), nullable=False),
        sa.Column("comparison_id", sa.Uuid(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("header", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("comparison_id", "line", "code", name=op.f("pk_comparison_reject")),
    )
    op.create_index(
        op.f("ix_comparison_reject_division_code"), "comparison_reject", ["division_code"], unique=False
    )
    op.create_table(
        "comparison_result",
        sa.Column("division_code", sa.String(length=12, collation="C"), nullable=False),
        sa.Column("comparison_id", sa.Uuid(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("number_index", sa.LargeBinary(), nullable=False),
        sa.Column("household_id", sa.Uuid(), nullable=True),
        sa.Column("member_id", sa.Uuid(), nullable=True),
        sa.Column("amount", sa.Numeric(precision=14, scale=2), nullable=True),
        sa.Column("note", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("comparison_id", "line", name=op.f("pk_comparison_result")),
    )
    op.create_index(
        op.f("ix_comparison_result_division_code"), "comparison_result", ["division_code"], unique=False
    )
    op.create_index("ix_comparison_result_member", "comparison_result", ["member_id"], unique=False)
    op.create_table(
        "comparison_row",
        sa.Column("comparison_id", sa.Uuid(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("number_index", sa.LargeBinary(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("amount", sa.Numeric(precision=14, scale=2), nullable=True),
        sa.Column("note", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("comparison_id", "line", name=op.f("pk_comparison_row")),
    )
    op.add_column("person_replica", sa.Column("name_key", sa.String(), nullable=False, server_default=""))
    # Staged rows hold indexes only and are read by the job alone.
    limit_to_area("comparison", "comparison_result", "comparison_reject", "comparison_alert")
    keep_history("comparison")
