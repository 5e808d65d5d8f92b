"""Conflicts of visits made offline, and visits that could not be taken."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from shared.database.migrating import limit_to_area, wait_briefly_for_locks

revision = "2026_12_18_inspection_conflicts"
down_revision = "2026_12_17_inspection_attachments"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand."""
    wait_briefly_for_locks()
    op.add_column("visit", sa.Column("conflicts", JSONB(), server_default="[]", nullable=False))
    op.add_column("visit", sa.Column("in_conflict", sa.Boolean(), server_default="false", nullable=False))
    op.add_column("visit", sa.Column("settled_by", sa.String()))
    op.add_column("visit", sa.Column("settlement", sa.String()))
    op.create_index(
        "ix_visit_in_conflict",
        "visit",
        ["campaign_id", "id"],
        postgresql_where=sa.text("in_conflict"),
    )
    op.create_table(
        "refused_visit",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("division_code", sa.String(12, collation="C"), nullable=False, index=True),
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("visit_id", sa.Uuid(), index=True),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("problem", JSONB(), nullable=False),
        sa.Column("refused_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_by", sa.String(), nullable=False),
        sa.Column("dismissed_by", sa.String()),
        sa.Column("dismissal", sa.String()),
        sa.UniqueConstraint("campaign_id", "digest", name="uq_refused_visit_campaign_id_digest"),
    )
    limit_to_area("refused_visit")
