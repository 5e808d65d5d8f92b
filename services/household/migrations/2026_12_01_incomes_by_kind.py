"""Lines of income by kind, compensation, rigid expenditure."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from shared.database.migrating import wait_briefly_for_locks

revision = "2026_12_01_incomes_by_kind"
down_revision = "2026_11_29_imports_in_full"
branch_labels = None
depends_on = None

_AMOUNTS = (
    "compensation",
    "spent_medical",
    "spent_schooling",
    "spent_accident",
    "spent_disaster",
    "spent_housing",
)


def upgrade() -> None:
    """Expand."""
    wait_briefly_for_locks()
    lines = sa.Column("lines", postgresql.JSONB(), server_default=sa.text("'[]'"), nullable=False)
    op.add_column("income", lines)
    for name in _AMOUNTS:
        op.add_column("income", sa.Column(name, sa.Numeric(14, 2), server_default="0", nullable=False))
