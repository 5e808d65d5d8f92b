"""Photos, signatures and documents, and what names them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shared.database.migrating import limit_to_area, wait_briefly_for_locks

revision = "2026_12_17_inspection_attachments"
down_revision = "2026_12_16_inspection_corrections"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand."""
    wait_briefly_for_locks()
    op.create_table(
        "attachment",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("division_code", sa.String(12, collation="C"), nullable=False, index=True),
        sa.Column("household_id", sa.Uuid(), index=True),
        *(
            sa.Column(name, sa.String(), nullable=False)
            for name in ("kind", "media_type", "name", "uploaded_by")
        ),
        sa.Column("digest", sa.String(), nullable=False, index=True),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True)),
        sa.Column("latitude", sa.Float()),
        sa.Column("longitude", sa.Float()),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=False, index=True),
    )
    op.create_table(
        "attachment_link",
        sa.Column("attachment_id", sa.Uuid(), primary_key=True),
        sa.Column("of_id", sa.Uuid(), primary_key=True, index=True),
        sa.Column("division_code", sa.String(12, collation="C"), nullable=False, index=True),
        sa.Column("household_id", sa.Uuid(), index=True),
        sa.Column("linked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("linked_by", sa.String(), nullable=False),
    )
    limit_to_area("attachment", "attachment_link")
