"""A department's system sends data in the name of its departments and of no other one."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from shared.database.migrating import wait_briefly_for_locks

revision = "2027_01_18_gateway_departments"
down_revision = "2026_11_23_gateway_clients_and_feed"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand; whoever is registered already sends nothing until an administrator says in whose name."""
    wait_briefly_for_locks()
    op.add_column(
        "client", sa.Column("departments", postgresql.ARRAY(sa.String()), server_default="{}", nullable=False)
    )
