"""Progress asks which of the households that nobody lives in any more were visited."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shared.database.migrating import wait_briefly_for_locks

revision = "2027_01_13_inspection_gone"
down_revision = "2026_12_26_inspection_heard"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand."""
    wait_briefly_for_locks()
    op.create_index(
        "ix_household_gone", "household", ["division_code"], postgresql_where=sa.text("NOT inhabited")
    )
