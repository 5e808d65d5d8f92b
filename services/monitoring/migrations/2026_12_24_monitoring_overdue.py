"""Limits that act: tables and marks of clues and cases."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shared.database.migrating import wait_briefly_for_locks

revision = "2026_12_24_monitoring_overdue"
down_revision = "2026_12_23_monitoring_kin"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand; open steps of the town and the county lie where they belong."""
    wait_briefly_for_locks()
    for table in ("clue", "identification_case"):
        op.add_column(table, sa.Column("level", sa.String(), server_default="village", nullable=False))
        for name in ("overdue_on", "escalated_on"):
            op.add_column(table, sa.Column(name, sa.Date()))
        op.add_column(table, sa.Column("overdue_rule", sa.String()))
    op.execute(
        """
        UPDATE identification_case SET level = CASE step WHEN 'town_review' THEN 'town' ELSE 'county' END
        WHERE step IN ('data_check', 'town_review', 'county_approval')
        """
    )
