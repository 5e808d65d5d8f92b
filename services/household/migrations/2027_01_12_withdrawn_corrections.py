"""What a department does not say any more is withdrawn where it waits, and marked where it was decided."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shared.database.migrating import wait_briefly_for_locks

revision = "2027_01_12_withdrawn_corrections"
down_revision = "2026_12_18_compared_corrections"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand."""
    wait_briefly_for_locks()
    op.add_column("correction", sa.Column("withdrawn_at", sa.DateTime(timezone=True)))
    op.add_column("correction", sa.Column("withdrawal_reason", sa.String()))
