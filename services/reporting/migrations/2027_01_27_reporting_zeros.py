"""Divisions without anything are told of: of those that were there on the day."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shared.database.migrating import wait_briefly_for_locks

revision = "2027_01_27_reporting_zeros"
down_revision = "2027_01_26_reporting_scope"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand. Divisions so far are taken to be there, until they tell of themselves."""
    wait_briefly_for_locks()
    for name in ("valid_from", "valid_until"):
        op.add_column("division", sa.Column(name, sa.Date(), nullable=True))
