"""An event that the bus does not take rests among the dead ones; it was never sent, and can be."""

from __future__ import annotations

from alembic import op

revision = "2027_02_09_unsent_events"
down_revision = "2027_02_02_jobs_tell"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand: a version that knows nothing of it stores events that came here."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("ALTER TABLE dead_event ADD COLUMN unsent boolean NOT NULL DEFAULT false")
