"""Responsible officials in time, contacts, consents."""

from __future__ import annotations

from shared.database.migrating import wait_briefly_for_locks

revision = "2026_12_02_officials_and_consents"
down_revision = "2026_12_01_incomes_by_kind"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand."""
    wait_briefly_for_locks()
