"""Comparisons have six outcomes, and a batch that was corrected or withdrawn counts no more."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shared.database.migrating import wait_briefly_for_locks

revision = "2027_01_12_reporting_outcomes"
down_revision = "2026_11_23_reporting_facts"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand. Of batches so far, what was not told apart is what their outcomes leave; they are taken to count."""
    wait_briefly_for_locks()
    for name in ("probable", "departed"):
        op.add_column("comparison_fact", sa.Column(name, sa.Integer(), server_default="0", nullable=False))
    op.add_column("comparison_fact", sa.Column("counts", sa.Boolean(), server_default="true", nullable=False))
