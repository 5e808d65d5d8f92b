"""What lies behind a problem."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shared.database.migrating import wait_briefly_for_locks

revision = "2026_12_19_inspection_causes"
down_revision = "2026_12_18_inspection_conflicts"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand."""
    wait_briefly_for_locks()
    op.add_column("finding", sa.Column("root_cause", sa.String()))
