"""A campaign is about some divisions and kinds of household, and who is due is counted among these."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from shared.database.migrating import wait_briefly_for_locks

revision = "2027_01_26_reporting_scope"
down_revision = "2027_01_12_reporting_outcomes"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand. Campaigns so far are taken to be about everybody, as they were counted, until they tell of themselves."""
    wait_briefly_for_locks()
    for name in ("divisions", "kinds"):
        op.add_column(
            "campaign_fact",
            sa.Column(name, postgresql.ARRAY(sa.String()), server_default="{}", nullable=False),
        )
