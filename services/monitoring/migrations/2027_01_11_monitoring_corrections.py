"""What a batch says otherwise than the registry is proposed to it, and its decision is kept."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from shared.database.migrating import limit_to_area, wait_briefly_for_locks

revision = "2027_01_11_monitoring_corrections"
down_revision = "2027_01_10_monitoring_doubts"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand."""
    wait_briefly_for_locks()
    op.create_table(
        "comparison_correction",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("division_code", sa.String(12, collation="C"), nullable=False, index=True),
        sa.Column("comparison_id", sa.Uuid(), nullable=False),
        sa.Column("household_id", sa.Uuid(), nullable=False, index=True),
        sa.Column("member_id", sa.Uuid()),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("field", sa.String(), nullable=False),
        sa.Column("known", JSONB()),
        sa.Column("found", JSONB(), nullable=False),
        sa.Column("happened_on", sa.Date()),
        sa.Column("told_at", sa.DateTime(timezone=True)),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("reason", sa.String()),
        sa.Column("note", sa.String()),
        sa.Column("decided_by", sa.String()),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_comparison_correction"),
    )
    op.create_index(
        "ix_comparison_correction_comparison_id_id", "comparison_correction", ["comparison_id", "id"]
    )
    op.create_index(
        "ix_comparison_correction_subject_id_field", "comparison_correction", ["subject_id", "field"]
    )
    limit_to_area("comparison_correction")
