"""Closing an object needs two people, and what waits to be decided about an object has its limit."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from shared.database.migrating import keep_history, limit_to_area, recorded, wait_briefly_for_locks

revision = "2027_01_16_monitoring_closures"
down_revision = "2027_01_15_monitoring_gathering"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand; what is closed stays closed, by one person as it was then.

    Eliminations and re-taggings of households that were rehomed so far follow them to where they are. What is under way
    has as long as if it had begun today, holidays aside.
    """
    wait_briefly_for_locks()
    op.create_table(
        "closure",
        *recorded(),
        sa.Column("division_code", sa.String(12, collation="C"), nullable=False, index=True),
        sa.Column("monitored_id", sa.Uuid(), nullable=False, index=True),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("stage", "kind", "reason")),
        sa.Column("mistake", sa.String()),
        sa.Column("evidence", JSONB(), nullable=False),
        sa.Column("proposed_on", sa.Date(), nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("proposed_by", "proposed_by_name")),
        sa.Column("decided_on", sa.Date()),
        *(sa.Column(name, sa.String()) for name in ("decided_by", "decided_by_name", "decision")),
        sa.PrimaryKeyConstraint("id"),
    )
    _limit()
    limit_to_area("closure")
    keep_history("closure", root="monitored_id")
    for table in ("elimination", "retagging"):
        op.execute(
            f"""
            UPDATE {table} kept SET division_code = thing.division_code FROM monitored_object thing
            WHERE thing.id = kept.monitored_id AND kept.division_code <> thing.division_code
            """  # noqa: S608 - names of tables
        )


def _limit() -> None:
    for name in ("closing_on", "due_on", "overdue_on", "escalated_on"):
        op.add_column("monitored_object", sa.Column(name, sa.Date()))
    op.add_column(
        "monitored_object", sa.Column("level", sa.String(), server_default="village", nullable=False)
    )
    op.add_column("monitored_object", sa.Column("overdue_rule", sa.String()))
    op.execute(
        """
        UPDATE monitored_object SET
            level = CASE status WHEN 'elimination_proposed' THEN 'village' ELSE 'town' END,
            due_on = CAST(fangfan_now() AT TIME ZONE 'Asia/Shanghai' AS date)
                + CASE status WHEN 'elimination_proposed' THEN 28 ELSE 7 END
        WHERE status IN ('elimination_proposed', 'retag_candidate')
        """
    )
    op.create_check_constraint(
        "due_while_undecided",
        "monitored_object",
        "(status IN ('elimination_proposed', 'retag_candidate') OR closing_on IS NOT NULL) = (due_on IS NOT NULL)",
    )
    op.create_index(
        "ix_monitored_object_due_on",
        "monitored_object",
        ["due_on", "id"],
        postgresql_where=sa.text("due_on IS NOT NULL"),
    )
