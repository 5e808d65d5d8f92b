"""Outcomes are found by where they lie instead of by a key of each, and sums are made of columns beside them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from shared.database.migrating import limit_to_area, wait_briefly_for_locks

revision = "2027_01_28_monitoring_columns"
down_revision = "2027_01_25_monitoring_page_bytes"
branch_labels = None
depends_on = None

_IDS = ("household", "member")
_COLUMNS = (*_IDS, "amount", "quantity", "kind")


def upgrade() -> None:
    """Expand: of batches that came before, rules add up the rows themselves."""
    wait_briefly_for_locks()
    op.drop_constraint("pk_comparison_result", "comparison_result")
    op.create_index(
        "ix_comparison_result_place",
        "comparison_result",
        ["comparison_id", "line"],
        postgresql_using="brin",
        postgresql_with={"autosummarize": True},
    )
    op.create_table(
        "comparison_matched",
        sa.Column("comparison_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("division_code", sa.String(12, collation="C"), nullable=False, index=True),
        *(sa.Column(name, sa.LargeBinary(), nullable=name not in _IDS) for name in _COLUMNS),
        sa.Column("kinds", postgresql.ARRAY(sa.String()), nullable=False),
        sa.PrimaryKeyConstraint("comparison_id", "number"),
    )
    for name in _COLUMNS:
        # Ids are random, and to compress the rest takes longer than to write it.
        op.execute(f"ALTER TABLE comparison_matched ALTER COLUMN {name} SET STORAGE EXTERNAL")
    limit_to_area("comparison_matched")
