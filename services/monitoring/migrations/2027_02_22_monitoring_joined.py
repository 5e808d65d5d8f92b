"""Which household one joined, beside the one that it is now: the other may have joined a third one meanwhile."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shared.database.migrating import wait_briefly_for_locks

revision = "2027_02_22_monitoring_joined"
down_revision = "2027_02_20_monitoring_movers"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand: of those that joined before, the one that they are now is taken for the one that they joined."""
    wait_briefly_for_locks()
    op.add_column("mover", sa.Column("joined_id", sa.Uuid(), nullable=True))
    op.execute("UPDATE mover SET joined_id = now_id WHERE id = household_id AND now_id <> id")
    op.create_index(op.f("ix_mover_joined_id"), "mover", ["joined_id"])
