"""What the headers of a part were taken for."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from shared.database.migrating import wait_briefly_for_locks

revision = "2027_02_13_monitoring_headers"
down_revision = "2027_02_12_monitoring_unmatched"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand: of parts that were compared before nobody kept it."""
    wait_briefly_for_locks()
    op.add_column("comparison_part", sa.Column("headers", JSONB(), server_default="{}", nullable=False))
