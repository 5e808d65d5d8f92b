"""Runs of the data-quality checks, and what they counted."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shared.database.migrating import limit_to_area, wait_briefly_for_locks

revision = "2026_12_09_quality"
down_revision = "2026_12_07_grids"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand."""
    wait_briefly_for_locks()
    op.create_table(
        "quality_run",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("division", sa.String(length=12, collation="C"), nullable=False),
        sa.Column("asked_by", sa.String(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quality_run")),
    )
    op.create_index(op.f("ix_quality_run_started_at"), "quality_run", ["started_at"])
    op.create_table(
        "quality_figure",
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("check_code", sa.String(), nullable=False),
        sa.Column("division_code", sa.String(length=12, collation="C"), nullable=False),
        sa.Column("findings", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("run_id", "check_code", "division_code", name=op.f("pk_quality_figure")),
    )
    op.create_index(op.f("ix_quality_figure_division_code"), "quality_figure", ["division_code"])
    limit_to_area("quality_figure")
