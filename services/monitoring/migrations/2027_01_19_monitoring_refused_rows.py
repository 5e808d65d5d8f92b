"""Rows of departments' files that could not be read, kept encrypted to be handed back."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shared.database.migrating import limit_to_area, wait_briefly_for_locks

revision = "2027_01_19_monitoring_refused_rows"
down_revision = "2027_01_17_monitoring_limits"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand; of what was refused so far only the reasons are known."""
    wait_briefly_for_locks()
    op.create_table(
        "comparison_refused",
        sa.Column("comparison_id", sa.Uuid(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("division_code", sa.String(12, collation="C"), nullable=False, index=True),
        sa.Column("cells", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("comparison_id", "line"),
    )
    limit_to_area("comparison_refused")
