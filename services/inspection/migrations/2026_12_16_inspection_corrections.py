"""Facts that visits found to be otherwise, and what the registry said to each."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from shared.database.migrating import limit_to_area, wait_briefly_for_locks

revision = "2026_12_16_inspection_corrections"
down_revision = "2026_12_15_inspection_feedback"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand."""
    wait_briefly_for_locks()
    op.create_table(
        "correction",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("division_code", sa.String(12, collation="C"), nullable=False, index=True),
        sa.Column("visit_id", sa.Uuid(), nullable=False, index=True),
        sa.Column("household_id", sa.Uuid(), nullable=False, index=True),
        sa.Column("member_id", sa.Uuid()),
        sa.Column("field", sa.String(), nullable=False),
        sa.Column("known", JSONB()),
        sa.Column("found", JSONB()),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("reason", sa.String()),
        sa.Column("note", sa.String()),
        sa.Column("decided_by", sa.String()),
        sa.Column("sequence", sa.Integer(), nullable=False),
    )
    limit_to_area("correction")
