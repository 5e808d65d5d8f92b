"""Whose news an alert is and in whose name it was told; proposals taken back; what a doubt is about."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from shared.database.migrating import wait_briefly_for_locks

revision = "2027_01_14_monitoring_withdrawal"
down_revision = "2027_01_13_monitoring_elimination_deliberation"
branch_labels = None
depends_on = None

_FILL = """
    UPDATE comparison_alert alert SET news_of = alert.comparison_id,
        told_by = CASE WHEN alert.outcome IS NOT NULL AND alert.risk_type IS NOT NULL THEN coalesce((
            SELECT CAST(substring(told ->> 'reference' FROM 12) AS uuid)
            FROM clue CROSS JOIN LATERAL jsonb_array_elements(clue.evidence) told
            WHERE clue.id = alert.clue_id AND told -> 'detail' ->> 'rule' = alert.rule
                AND told ->> 'reference' LIKE 'comparison:%' LIMIT 1), alert.comparison_id) END
    """


def upgrade() -> None:
    """Expand and backfill: what was told so far was told in the name that stands in the clue."""
    wait_briefly_for_locks()
    for name in ("asking", "news_of", "told_by"):
        op.add_column("comparison_alert", sa.Column(name, sa.Uuid()))
    op.execute(_FILL)
    op.alter_column("comparison_alert", "news_of", nullable=False)
    for name in ("news_of", "told_by"):
        op.create_index(f"ix_comparison_alert_{name}", "comparison_alert", [name])
    _retractions()
    op.add_column("comparison_correction", sa.Column("withdrawn_by", sa.Uuid()))
    op.add_column("comparison_correction", sa.Column("withdrawal_told_at", sa.DateTime(timezone=True)))
    op.create_index("ix_comparison_correction_withdrawn_by", "comparison_correction", ["withdrawn_by"])
    op.add_column("doubt", sa.Column("facts", JSONB()))


def _retractions() -> None:
    """Make the notes anew: they last as long as a job takes, and say by which rule and in whose name from now on."""
    op.drop_table("comparison_retraction")
    op.create_table(
        "comparison_retraction",
        sa.Column("comparison_id", sa.Uuid(), nullable=False),
        sa.Column("rule", sa.String(), nullable=False),
        *(sa.Column(name, sa.Uuid(), nullable=False) for name in ("told_by", "subject_id", "household_id")),
        sa.Column("member_id", sa.Uuid()),
        sa.Column("risk_type", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("comparison_id", "rule", "told_by", "subject_id"),
    )
