"""One official at a time: at most one term of a household is open."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shared.database.migrating import wait_briefly_for_locks

revision = "2026_12_15_one_official"
down_revision = "2026_12_13_change_sources"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand."""
    wait_briefly_for_locks()
    op.create_index(
        "uq_official_term_open",
        "official_term",
        ["household_id"],
        unique=True,
        postgresql_where=sa.text("until IS NULL"),
    )
