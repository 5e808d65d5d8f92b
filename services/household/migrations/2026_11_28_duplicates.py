"""Probable duplicates and what was said of them."""

from __future__ import annotations

from shared.database.migrating import wait_briefly_for_locks

revision = "2026_11_28_duplicates"
down_revision = "2026_11_27_natural_changes"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand."""
    wait_briefly_for_locks()
