"""Runs of the data-quality checks."""

from __future__ import annotations

from shared.database.migrating import wait_briefly_for_locks

revision = "2026_11_30_data_quality"
down_revision = "2026_11_29_imports_in_full"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand."""
    wait_briefly_for_locks()
