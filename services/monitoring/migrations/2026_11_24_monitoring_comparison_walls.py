"""Batches are seen by the towns of their county; results are written once and read by batch, so they need one index."""

from __future__ import annotations

from alembic import op

from shared.database.migrating import wait_briefly_for_locks

revision = "2026_11_24_monitoring_comparison_walls"
down_revision = "2026_11_24_monitoring_comparisons"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand."""
    wait_briefly_for_locks()
    # A batch is filed under its sender's county: whoever's area lies below sees that there was one, and of its rows,
    # which have their own wall, those about the own people.
    op.execute("DROP POLICY area ON comparison")
    op.execute(
        """
        CREATE POLICY area ON comparison USING (
            (
                division_code >= current_setting('fangfan.area_low', true)
                AND division_code < current_setting('fangfan.area_high', true)
                AND (current_setting('fangfan.areas', true) = '' OR fangfan_within(division_code))
            )
            OR starts_with(current_setting('fangfan.area_low', true), CASE
                WHEN division_code LIKE '__0000000000' THEN left(division_code, 2)
                WHEN division_code LIKE '____00000000' THEN left(division_code, 4)
                ELSE left(division_code, 6) END)
        )
        """
    )
    op.drop_index("ix_comparison_result_member", "comparison_result")
    op.drop_index("ix_comparison_result_division_code", "comparison_result")
    # Filled and emptied in one transaction: there is nothing in it that a crash could lose.
    op.execute("ALTER TABLE comparison_row SET UNLOGGED")
