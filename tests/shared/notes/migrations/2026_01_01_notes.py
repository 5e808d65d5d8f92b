"""Notes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shared.database.migrating import keep_history, limit_to_area, wait_briefly_for_locks

revision = "2026_01_01_notes"
down_revision = None
branch_labels = None
depends_on = "2026_11_23_infrastructure"


def upgrade() -> None:
    """Expand."""
    wait_briefly_for_locks()
    op.create_table(
        "note",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("division_code", sa.String(length=12, collation="C"), nullable=False, index=True),
        sa.Column("words", sa.String(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column(
            "changed_at", sa.DateTime(timezone=True), server_default=sa.text("fangfan_now()"), nullable=False
        ),
        sa.Column("changed_by", sa.String(), server_default=sa.text("fangfan_actor()"), nullable=False),
        sa.Column("change_reason", sa.String(), server_default=sa.text("fangfan_reason()"), nullable=False),
    )
    limit_to_area("note")
    keep_history("note")
