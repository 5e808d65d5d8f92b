"""Refused visits know their household, so that they go along with it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shared.database.migrating import wait_briefly_for_locks

revision = "2026_12_20_inspection_refused"
down_revision = "2026_12_19_inspection_causes"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand."""
    wait_briefly_for_locks()
    op.add_column("refused_visit", sa.Column("household_id", sa.Uuid()))
    op.create_index("ix_refused_visit_household_id", "refused_visit", ["household_id"])
