"""A household withdraws its application by its signature, and by two people."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shared.database.migrating import wait_briefly_for_locks

revision = "2027_01_21_monitoring_signed"
down_revision = "2027_01_20_monitoring_further_risks"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand; what is withdrawn stays withdrawn, on one person's word as it was then."""
    wait_briefly_for_locks()
    for name in ("", "_signed_by", "_by", "_by_name"):
        op.add_column("identification_case", sa.Column(f"withdrawal{name}", sa.String()))
    op.add_column("identification_case", sa.Column("withdrawal_on", sa.Date()))
