"""How many rows of a part are about nobody because of the place that they name."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from shared.database.migrating import wait_briefly_for_locks

revision = "2027_02_12_monitoring_unmatched"
down_revision = "2027_02_11_monitoring_name_dots"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand: of parts that were compared before nobody counted it."""
    wait_briefly_for_locks()
    op.add_column(
        "comparison_part",
        sa.Column("unmatched_by_reason", JSONB(), server_default="{}", nullable=False),
    )
