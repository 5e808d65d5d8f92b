"""Doubts: what negative lists say of households, explained by one person and decided by another."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from shared.database.migrating import keep_history, limit_to_area, recorded, wait_briefly_for_locks

revision = "2027_01_10_monitoring_doubts"
down_revision = "2027_01_09_monitoring_meaning"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand; what was raised so far is to be explained."""
    wait_briefly_for_locks()
    op.create_table(
        "doubt",
        *recorded(),
        sa.Column("division_code", sa.String(12, collation="C"), nullable=False, index=True),
        sa.Column("household_id", sa.Uuid(), nullable=False, index=True),
        sa.Column("member_id", sa.Uuid()),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("rule", "rule_version", "window")),
        sa.Column("inputs", JSONB(), nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("dataset", "period", "state")),
        sa.Column("comparison_id", sa.Uuid(), nullable=False, index=True),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("evidence", JSONB(), nullable=False),
        *(sa.Column(name, sa.String()) for name in ("explanation", "explained_by", "explained_by_name")),
        *(sa.Column(name, sa.String()) for name in ("opinion", "decided_by", "decided_by_name")),
        *(sa.Column(name, sa.Date()) for name in ("explained_on", "decided_on")),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_doubt_state_raised_at_id", "doubt", ["state", "raised_at", "id"])
    op.create_index("ix_doubt_raised_at_id", "doubt", ["raised_at", "id"])
    op.execute(
        """
        INSERT INTO doubt (id, division_code, household_id, member_id, rule, rule_version, "window", inputs, dataset,
            period, comparison_id, raised_at, state, evidence)
        SELECT CAST(md5(concat_ws('|', alert.rule, alert."window", alert.subject_id)) AS uuid), alert.division_code,
            alert.household_id, alert.member_id, alert.rule, alert.rule_version, alert."window", alert.inputs,
            batch.dataset, batch.period, batch.id, alert.raised_at, 'open', '[]'
        FROM comparison_alert alert JOIN comparison batch ON batch.id = alert.comparison_id
        WHERE alert.outcome = 'doubt'
        """
    )
    limit_to_area("doubt")
    keep_history("doubt")
