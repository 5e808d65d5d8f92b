"""An officer's list begins with those to visit first: they are found without reading all others."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shared.database.migrating import wait_briefly_for_locks

revision = "2027_02_03_inspection_needy"
down_revision = "2027_01_13_inspection_gone"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand."""
    wait_briefly_for_locks()
    needy = """
        coalesce((facts ->> 'minimum_living')::boolean, false) OR coalesce((facts ->> 'destitute')::boolean, false)
    """
    op.create_index("ix_household_needy", "household", ["division_code"], postgresql_where=sa.text(needy))
