"""Replicas say when they were last told of, so that a rebuild knows what is newer than its snapshot."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shared.database.migrating import wait_briefly_for_locks

revision = "2027_01_05_monitoring_heard"
down_revision = "2027_01_04_monitoring_papers"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand: what is there was told of before now."""
    wait_briefly_for_locks()
    for table in ("division", "household_replica"):
        now = sa.text("now()")
        op.add_column(
            table, sa.Column("heard_at", sa.DateTime(timezone=True), server_default=now, nullable=False)
        )
