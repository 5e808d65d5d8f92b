"""What rows mean is said by rules: alerts keep the facts that a rule was given, and doubts stand beside warnings."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from shared.database.migrating import wait_briefly_for_locks

revision = "2027_01_09_monitoring_meaning"
down_revision = "2027_01_08_monitoring_comparison_pipeline"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand; earlier alerts keep their value as a fact of the rule of then."""
    wait_briefly_for_locks()
    op.add_column("comparison_alert", sa.Column("subject_id", sa.Uuid()))
    op.add_column("comparison_alert", sa.Column("risk_type", sa.String()))
    op.add_column("comparison_alert", sa.Column("inputs", JSONB()))
    op.add_column("comparison_alert", sa.Column("clue_id", sa.Uuid()))
    op.execute(
        """
        UPDATE comparison_alert SET subject_id = member_id, risk_type = CASE split_part(rule, '.', 1)
                WHEN 'medical_expense' THEN 'illness' WHEN 'disability' THEN 'disability'
                WHEN 'dropout' THEN 'education_guarantee' ELSE 'job_instability' END,
            inputs = jsonb_build_object('self_paid', value, 'person_class', person_class)
        """
    )
    for name in ("subject_id", "inputs"):
        op.alter_column("comparison_alert", name, nullable=False)
    op.drop_constraint("pk_comparison_alert", "comparison_alert")
    op.alter_column("comparison_alert", "member_id", nullable=True)
    op.create_primary_key("pk_comparison_alert", "comparison_alert", ["rule", "window", "subject_id"])
    for name in ("person_class", "value", "threshold"):
        op.drop_column("comparison_alert", name)
    op.create_index("ix_comparison_alert_household_id", "comparison_alert", ["household_id"])
    op.create_index("ix_comparison_alert_clue_id", "comparison_alert", ["clue_id"])
