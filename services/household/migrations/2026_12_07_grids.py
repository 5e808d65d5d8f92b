"""Grids of villages."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from shared.database.migrating import keep_history, limit_to_area, recorded, wait_briefly_for_locks

revision = "2026_12_07_grids"
down_revision = "2026_12_05_divisions_in_time"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand."""
    wait_briefly_for_locks()
    op.create_table(
        "grid",
        *recorded(),
        sa.Column("division_code", sa.String(length=12, collation="C"), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("officer_name", sa.String(), nullable=True),
        sa.Column("officer_phone", sa.LargeBinary(), nullable=True),
        sa.Column("groups", postgresql.ARRAY(sa.String()), server_default="{}", nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grid")),
    )
    op.create_index("uq_grid_division_code_number", "grid", ["division_code", "number"], unique=True)
    op.create_index("ix_grid_groups", "grid", ["groups"], postgresql_using="gin")
    op.create_index(op.f("ix_grid_division_code"), "grid", ["division_code"])
    limit_to_area("grid")
    keep_history("grid")
    op.add_column("household", sa.Column("grid_id", sa.Uuid(), nullable=True))
    op.create_index(op.f("ix_household_grid_id"), "household", ["grid_id"])
