"""Natural changes as operations, with evidence and undo."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from shared.database.migrating import keep_history, limit_to_area, wait_briefly_for_locks

revision = "2026_11_27_natural_changes"
down_revision = "2026_11_25_collection_form"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand."""
    wait_briefly_for_locks()
    op.create_table(
        "natural_change",
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column(
            "changed_at", sa.DateTime(timezone=True), server_default=sa.text("fangfan_now()"), nullable=False
        ),
        sa.Column("changed_by", sa.String(), server_default=sa.text("fangfan_actor()"), nullable=False),
        sa.Column("change_reason", sa.String(), server_default=sa.text("fangfan_reason()"), nullable=False),
        sa.Column("division_code", sa.String(length=12, collation="C"), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("operation_id", sa.Uuid(), nullable=False),
        sa.Column("counterpart_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("happened_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("evidence", sa.String(), nullable=True),
        sa.Column("persons", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("household_version", sa.Integer(), nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("undone_by", sa.String(), nullable=True),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undo_reason", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_natural_change")),
        info={"root": "household_id"},
    )
    for column in ("division_code", "household_id", "operation_id"):
        op.create_index(op.f(f"ix_natural_change_{column}"), "natural_change", [column], unique=False)
    op.add_column("household", sa.Column("merged_into", sa.Uuid(), nullable=True))
    limit_to_area("natural_change")
    keep_history("natural_change", root="household_id")
