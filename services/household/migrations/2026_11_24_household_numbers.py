"""Household numbers unique in their village, comparable phones, refused lines kept for correction."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from shared.database.migrating import limit_to_area, wait_briefly_for_locks

revision = "2026_11_24_household_numbers"
down_revision = "2026_11_23_household_registry"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand."""
    wait_briefly_for_locks()
    op.create_table(
        "household_number",
        sa.Column("division_code", sa.String(length=12, collation="C"), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("division_code", "number", name=op.f("pk_household_number")),
    )
    # Of two households with one number the one that was registered first keeps it.
    op.execute(
        "INSERT INTO household_number (division_code, number, household_id) "
        "SELECT DISTINCT ON (division_code, number) division_code, number, id FROM household "
        "ORDER BY division_code, number, id"
    )
    op.create_table(
        "refused_line",
        sa.Column("division_code", sa.String(length=12, collation="C"), nullable=False),
        sa.Column("import_id", sa.Uuid(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("cells", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("import_id", "line", name=op.f("pk_refused_line")),
    )
    op.create_index(op.f("ix_refused_line_division_code"), "refused_line", ["division_code"], unique=False)
    op.add_column("household", sa.Column("phone_index", sa.LargeBinary(), nullable=True))
    for column in _STAGED:
        op.add_column("import_person", column)
    limit_to_area("household_number", "refused_line")


_STAGED = (
    sa.Column("phone_index", sa.LargeBinary(), nullable=True),
    sa.Column("main_cause", sa.String(), nullable=True),
    sa.Column("relocated", sa.Boolean(), nullable=True),
    sa.Column("arable_mu", sa.Numeric(precision=8, scale=2), nullable=True),
    sa.Column("political_status", sa.String(), nullable=True),
    sa.Column("cleared", postgresql.ARRAY(sa.String()), server_default="{}", nullable=False),
)
