"""Divisions valid in time, with successors; village grids."""

from __future__ import annotations

from shared.database.migrating import wait_briefly_for_locks

revision = "2026_11_26_divisions_in_time"
down_revision = "2026_11_25_collection_form"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand."""
    wait_briefly_for_locks()
