"""Incomes by kind, and rigid expenditure."""

from __future__ import annotations

from shared.database.migrating import wait_briefly_for_locks

revision = "2026_12_01_incomes_by_kind"
down_revision = "2026_11_30_data_quality"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand."""
    wait_briefly_for_locks()
