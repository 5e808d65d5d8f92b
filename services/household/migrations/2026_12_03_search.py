"""Names in letters, ready to be searched."""

from __future__ import annotations

from shared.database.migrating import wait_briefly_for_locks

revision = "2026_12_03_search"
down_revision = "2026_12_02_officials_and_consents"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand."""
    wait_briefly_for_locks()
