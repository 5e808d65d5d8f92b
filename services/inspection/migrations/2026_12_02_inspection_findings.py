"""What may happen to a finding besides: levels, transfers, mergers, repeats, what the deadlines' job marks."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shared.database.migrating import wait_briefly_for_locks

revision = "2026_12_02_inspection_findings"
down_revision = "2026_11_24_inspection_assignments"
branch_labels = None
depends_on = None

_IDS = ("object_id", "repeats", "merged_into", "inherited_from")
_WORDS = ("transfer_to", "transfer_reason", "transferred_by")
_DAYS = ("due_soon_on", "overdue_on", "escalated_on")


def upgrade() -> None:
    """Expand, and say at whose table the findings lie that are there."""
    wait_briefly_for_locks()
    for names, kind in ((_IDS, sa.Uuid()), (_WORDS, sa.String()), (_DAYS, sa.Date())):
        for name in names:
            op.add_column("finding", sa.Column(name, kind))
    op.add_column("finding", sa.Column("level", sa.String(), server_default="village", nullable=False))
    op.execute(
        """
        UPDATE finding SET level = CASE object_kind WHEN 'operator' THEN 'town' ELSE 'county' END
        WHERE object_kind IN ('operator', 'county')
        """
    )
    op.alter_column("finding", "level", server_default=None)
