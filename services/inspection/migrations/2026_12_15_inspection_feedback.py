"""Files of assessment feedback that were taken into the ledger."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from shared.database.migrating import keep_history, limit_to_area, recorded, wait_briefly_for_locks

revision = "2026_12_15_inspection_feedback"
down_revision = "2026_12_14_inspection_sites"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand."""
    wait_briefly_for_locks()
    op.create_table(
        "feedback_file",
        *recorded(),
        sa.Column("division_code", sa.String(12, collation="C"), nullable=False, index=True),
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("digest", "filename")),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("lines", "accepted")),
        *(sa.Column(name, JSONB(), nullable=False) for name in ("rejects", "headers")),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint(
            "campaign_id", "division_code", "digest", name="uq_feedback_file_campaign_id_division_code_digest"
        ),
    )
    limit_to_area("feedback_file")
    keep_history("feedback_file", root="campaign_id")
