"""Natural changes as operations, with evidence and undo."""

from __future__ import annotations

from shared.database.migrating import wait_briefly_for_locks

revision = "2026_11_27_natural_changes"
down_revision = "2026_11_26_divisions_in_time"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand."""
    wait_briefly_for_locks()
