"""Which officer looks after which village in a campaign."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shared.database.migrating import keep_history, limit_to_area, wait_briefly_for_locks

revision = "2026_11_24_inspection_assignments"
down_revision = "2026_11_24_inspection"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand."""
    wait_briefly_for_locks()
    op.create_table(
        "assignment",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("division_code", sa.String(12, collation="C"), nullable=False, index=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column(
            "changed_at", sa.DateTime(timezone=True), server_default=sa.text("fangfan_now()"), nullable=False
        ),
        sa.Column("changed_by", sa.String(), server_default=sa.text("fangfan_actor()"), nullable=False),
        sa.Column("change_reason", sa.String(), server_default=sa.text("fangfan_reason()"), nullable=False),
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("officer", sa.String(), nullable=False),
        sa.UniqueConstraint("campaign_id", "division_code", name="uq_assignment_campaign_id_division_code"),
    )
    limit_to_area("assignment")
    keep_history("assignment", root="campaign_id")
