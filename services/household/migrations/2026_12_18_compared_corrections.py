"""Corrections come from departments' data too: which dataset says so, and since when it is so."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shared.database.migrating import wait_briefly_for_locks

revision = "2026_12_18_compared_corrections"
down_revision = "2026_12_16_corrections"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand."""
    wait_briefly_for_locks()
    op.add_column("correction", sa.Column("dataset", sa.String()))
    op.add_column("correction", sa.Column("happened_on", sa.Date()))
