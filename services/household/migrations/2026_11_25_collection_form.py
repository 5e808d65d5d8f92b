"""Every field of the collection form."""

from __future__ import annotations

from shared.database.migrating import wait_briefly_for_locks

revision = "2026_11_25_collection_form"
down_revision = "2026_11_24_household_numbers"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand."""
    wait_briefly_for_locks()
