"""Weekly dispatches, which nobody changes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from shared.database.migrating import limit_to_overlapping_areas, wait_briefly_for_locks

revision = "2026_12_12_inspection_dispatches"
down_revision = "2026_12_11_inspection_deadlines"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand."""
    wait_briefly_for_locks()
    op.create_table(
        "dispatch",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("division_code", sa.String(12, collation="C"), nullable=False, index=True),
        sa.Column("division_end", sa.String(12, collation="C"), nullable=False),
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("week", sa.Integer(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("frozen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("frozen_by", sa.String(), nullable=False),
        sa.Column("content", JSONB(), nullable=False),
        sa.UniqueConstraint(
            "campaign_id", "division_code", "week", name="uq_dispatch_campaign_id_division_code_week"
        ),
    )
    limit_to_overlapping_areas("dispatch")
    op.execute(
        """
        CREATE FUNCTION stay_frozen() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION 'a frozen week stays as it is' USING ERRCODE = 'restrict_violation'; END $$
        """
    )
    op.execute(
        "CREATE TRIGGER stay_frozen BEFORE UPDATE OR DELETE ON dispatch "
        "FOR EACH ROW EXECUTE FUNCTION stay_frozen()"
    )
