"""The village deliberates on an elimination before the town reviews it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shared.database.migrating import wait_briefly_for_locks

revision = "2027_01_13_monitoring_elimination_deliberation"
down_revision = "2027_01_12_monitoring_joint_check"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand. What the town has not reviewed yet comes before the village first; what it has reviewed goes on."""
    wait_briefly_for_locks()
    op.add_column("elimination", sa.Column("deliberated_on", sa.Date()))
    for name in ("deliberated_by", "deliberated_by_name"):
        op.add_column("elimination", sa.Column(name, sa.String()))
