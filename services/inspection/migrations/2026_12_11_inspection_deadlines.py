"""The rule behind the marks of a finding's deadline, and an index for the job that makes them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shared.database.migrating import wait_briefly_for_locks

revision = "2026_12_11_inspection_deadlines"
down_revision = "2026_12_10_inspection_campaigns"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand."""
    wait_briefly_for_locks()
    op.add_column("finding", sa.Column("deadline_rule", sa.String()))
    op.create_index(
        "ix_finding_open_deadline_on",
        "finding",
        ["deadline_on"],
        postgresql_where=sa.text("status NOT IN ('closed', 'merged')"),
    )
