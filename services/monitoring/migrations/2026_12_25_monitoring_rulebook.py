"""The rulebook: rules that officials publish, what rules hit, the registry's past, and reviews of stability."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from shared.database.migrating import keep_history, limit_to_area, recorded, wait_briefly_for_locks

revision = "2026_12_25_monitoring_rulebook"
down_revision = "2026_12_24_monitoring_overdue"
branch_labels = None
depends_on = None


def _place(*, index: bool = True) -> sa.Column[str]:
    return sa.Column("division_code", sa.String(12, collation="C"), nullable=False, index=index)


def upgrade() -> None:
    """Expand. What is registered now counts as known ever since: nobody kept its past."""
    wait_briefly_for_locks()
    moment = sa.DateTime(timezone=True)
    op.add_column(
        "household_replica", sa.Column("told_at", moment, server_default=sa.text("'epoch'"), nullable=False)
    )
    op.create_table(
        "household_past",
        sa.Column("household_id", sa.Uuid(), primary_key=True),
        sa.Column("sequence", sa.Integer(), primary_key=True),
        _place(),
        sa.Column("told_at", moment, nullable=False),
        sa.Column("until_at", moment, nullable=False),
        sa.Column("household", JSONB(), nullable=False),
        sa.Column("persons", JSONB(), nullable=False),
    )
    op.create_table(
        "rule_draft",
        *recorded(),
        sa.Column("rule", sa.String(), nullable=False, index=True),
        sa.Column("area", sa.String()),
        *(sa.Column(name, sa.Date(), nullable=False) for name in ("valid_from", "drafted_on")),
        sa.Column("document", JSONB(), nullable=False),
        *(
            sa.Column(name, sa.String(), nullable=False)
            for name in ("status", "drafted_by", "drafted_by_name")
        ),
        *(sa.Column(name, sa.String()) for name in ("decided_by", "decided_by_name", "reason")),
        sa.Column("decided_on", sa.Date()),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "rule_hit",
        sa.Column("household_id", sa.Uuid(), primary_key=True),
        sa.Column("rule", sa.String(), primary_key=True),
        sa.Column("subject_id", sa.Uuid(), primary_key=True),
        sa.Column("since", sa.Date(), primary_key=True),
        _place(),
        *(sa.Column(name, sa.Uuid()) for name in ("member_id", "clue_id")),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("rule_version", "risk_type")),
        sa.Column("inputs", JSONB(), nullable=False),
        sa.Column("ended_on", sa.Date()),
        sa.Column("outcome", sa.String()),
    )
    op.create_index(
        "uq_rule_hit_open",
        "rule_hit",
        ["household_id", "rule", "subject_id"],
        unique=True,
        postgresql_where=sa.text("ended_on IS NULL"),
    )
    op.create_index(
        "ix_rule_hit_untold",
        "rule_hit",
        ["rule", "household_id"],
        postgresql_where=sa.text("outcome IS NULL AND ended_on IS NULL"),
    )
    op.create_table(
        "stability_review",
        *recorded(),
        _place(),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("asked_by", sa.String(), nullable=False),
        sa.Column("job_id", sa.Uuid()),
        sa.Column("finished_at", moment),
        sa.Column("rules", JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "reviewed_object",
        sa.Column("review_id", sa.Uuid(), primary_key=True),
        sa.Column("monitored_id", sa.Uuid(), primary_key=True),
        sa.Column("household_id", sa.Uuid(), nullable=False, index=True),
        _place(),
        sa.Column("verdict", sa.String(), nullable=False),
        *(sa.Column(name, JSONB(), nullable=False) for name in ("hits", "unknown")),
        sa.Column("eliminated_on", sa.Date(), nullable=False),
    )
    limit_to_area("household_past", "rule_hit", "stability_review", "reviewed_object")
    keep_history("rule_draft", "stability_review")
