"""One open doubt about a thing, which names all batches that say so."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shared.database.migrating import wait_briefly_for_locks

revision = "2027_01_24_monitoring_doubts_together"
down_revision = "2027_01_23_monitoring_person_changes"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand and fill in: so far each alert of a negative list has a doubt of its own."""
    wait_briefly_for_locks()
    op.add_column("comparison_alert", sa.Column("doubt_id", sa.Uuid()))
    op.create_index("ix_comparison_alert_doubt_id", "comparison_alert", ["doubt_id"])
    op.add_column(
        "doubt",
        sa.Column("comparison_ids", sa.ARRAY(sa.Uuid()), nullable=False, server_default=sa.text("'{}'")),
    )
    op.execute(
        """
        UPDATE comparison_alert SET doubt_id = CAST(md5(concat_ws('|', rule, "window", subject_id)) AS uuid)
        WHERE outcome = 'doubt'
        """
    )
    op.execute("UPDATE doubt SET comparison_ids = ARRAY[comparison_id]")
    op.alter_column("doubt", "comparison_ids", server_default=None)
