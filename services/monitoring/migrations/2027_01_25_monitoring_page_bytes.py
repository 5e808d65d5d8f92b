"""How much a page of a comparison holds, so that all of a batch together are bounded."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shared.database.migrating import wait_briefly_for_locks

revision = "2027_01_25_monitoring_page_bytes"
down_revision = "2027_01_24_monitoring_doubts_together"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand: of pages that came before nobody counted it, and their batches are closed within days."""
    wait_briefly_for_locks()
    op.add_column("comparison_page", sa.Column("bytes", sa.BigInteger(), server_default="0", nullable=False))
