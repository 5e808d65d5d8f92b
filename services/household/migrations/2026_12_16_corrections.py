"""Proposed corrections and what became of them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from shared.database.migrating import keep_history, limit_to_area, recorded, wait_briefly_for_locks

revision = "2026_12_16_corrections"
down_revision = "2026_12_15_one_official"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand."""
    wait_briefly_for_locks()
    op.create_table(
        "correction",
        *recorded(),
        sa.Column("division_code", sa.String(12, collation="C"), nullable=False, index=True),
        sa.Column("household_id", sa.Uuid(), nullable=False, index=True),
        sa.Column("member_id", sa.Uuid()),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("found_by", sa.String(), nullable=False),
        sa.Column("proposed_by", sa.String(), nullable=False),
        sa.Column("field", sa.String(), nullable=False),
        sa.Column("known", JSONB()),
        sa.Column("found", JSONB()),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("note", sa.String()),
        sa.Column("decided_by", sa.String()),
        sa.Column("decided_at", sa.DateTime(timezone=True)),
        sa.Column("household_version", sa.Integer()),
        sa.PrimaryKeyConstraint("id", name="pk_correction"),
    )
    op.create_index("ix_correction_status_id", "correction", ["status", "id"])
    limit_to_area("correction")
    keep_history("correction", root="household_id")
