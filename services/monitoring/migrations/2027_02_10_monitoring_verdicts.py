"""What people found about warnings that do not hold any more: it measures their rule as before."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shared.database.migrating import limit_to_area, wait_briefly_for_locks

revision = "2027_02_10_monitoring_verdicts"
down_revision = "2027_01_30_monitoring_blocks"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand: from now on; what was corrected before has left no verdict of its rule behind."""
    wait_briefly_for_locks()
    op.create_table(
        "comparison_verdict",
        sa.Column("division_code", sa.String(12, collation="C"), nullable=False),
        sa.Column("rule", sa.String(), nullable=False),
        sa.Column("window", sa.String(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("asking", sa.Uuid(), nullable=False),
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("comparison_id", sa.Uuid(), nullable=False),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("clue_id", sa.Uuid()),
        sa.PrimaryKeyConstraint("rule", "window", "subject_id", "asking"),
    )
    for name in ("division_code", "household_id", "comparison_id"):
        op.create_index(f"ix_comparison_verdict_{name}", "comparison_verdict", [name])
    limit_to_area("comparison_verdict")
