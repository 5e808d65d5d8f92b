"""Imports all or valid, and what their headers were taken for."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from shared.database.migrating import wait_briefly_for_locks

revision = "2026_11_29_imports_in_full"
down_revision = "2026_11_28_duplicates"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand."""
    wait_briefly_for_locks()
    op.add_column(
        "household_import", sa.Column("atomic", sa.String(), server_default="valid", nullable=False)
    )
    op.add_column("household_import", sa.Column("options", sa.String(), server_default="", nullable=False))
    op.add_column("household_import", sa.Column("headers", postgresql.JSONB(), nullable=True))
    # As the options of an import without wishes are written since.
    op.execute(
        "UPDATE household_import SET options = division_code || "
        """' {"mode":"' || mode || '","atomic":"valid","columns":{}}'"""
    )
    op.drop_index("uq_household_import_owner_digest_mode", "household_import")
    op.create_index(
        "uq_household_import_once", "household_import", ["owner", "digest", "options"], unique=True
    )
