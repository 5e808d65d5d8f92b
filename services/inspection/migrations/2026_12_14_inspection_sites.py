"""Inspected objects, and the checks of villages, objects and the county."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from shared.database.migrating import keep_history, limit_to_area, recorded, wait_briefly_for_locks

revision = "2026_12_14_inspection_sites"
down_revision = "2026_12_13_inspection_forces"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand."""
    wait_briefly_for_locks()
    op.create_table(
        "inspected_object",
        *recorded(),
        sa.Column("division_code", sa.String(12, collation="C"), nullable=False, index=True),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("kind", "name")),
        *(sa.Column(name, sa.String()) for name in ("unit", "contact", "note")),
        sa.Column("ended_on", sa.Date()),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint(
            "division_code", "kind", "name", name="uq_inspected_object_division_code_kind_name"
        ),
    )
    op.create_table(
        "site_check",
        *recorded(),
        sa.Column("division_code", sa.String(12, collation="C"), nullable=False, index=True),
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("object_id", sa.Uuid(), index=True),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("object_name", "officer")),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=False),
        *(sa.Column(name, JSONB(), nullable=False) for name in ("answers", "finding_ids")),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_site_check_campaign_id_division_code", "site_check", ["campaign_id", "division_code"])
    limit_to_area("inspected_object", "site_check")
    keep_history("inspected_object", "site_check")
