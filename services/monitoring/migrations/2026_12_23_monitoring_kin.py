"""Kin of a household: who they are, and the first of two approvals."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from shared.database.migrating import wait_briefly_for_locks

revision = "2026_12_23_monitoring_kin"
down_revision = "2026_12_22_monitoring_applications"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand."""
    wait_briefly_for_locks()
    for name in ("relatives", "kin_present"):
        op.add_column("identification_case", sa.Column(name, JSONB(), server_default="[]", nullable=False))
    op.add_column("identification_case", sa.Column("first_approved_by", sa.String()))
