"""What a campaign covers, and which one it goes on from."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from shared.database.migrating import wait_briefly_for_locks

revision = "2026_12_10_inspection_campaigns"
down_revision = "2026_12_09_inspection_tallies"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand: the campaigns that are there cover all households of their division."""
    wait_briefly_for_locks()
    for name in ("divisions", "kinds"):
        op.add_column("campaign", sa.Column(name, JSONB(), server_default="[]", nullable=False))
    op.execute("UPDATE campaign SET divisions = jsonb_build_array(division_code)")
    for name in ("divisions", "kinds"):
        op.alter_column("campaign", name, server_default=None)
    op.add_column("campaign", sa.Column("inherits", sa.Uuid()))
    op.add_column("campaign", sa.Column("reason", sa.String()))
