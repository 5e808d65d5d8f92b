"""Imports all or valid, their columns, exports."""

from __future__ import annotations

from shared.database.migrating import wait_briefly_for_locks

revision = "2026_11_29_imports_in_full"
down_revision = "2026_11_28_duplicates"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand."""
    wait_briefly_for_locks()
