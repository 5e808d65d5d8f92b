"""Comparisons in parts, whose outcomes are copied in below the wall; corrections, withdrawals, pages."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from shared.database.migrating import fill_below_the_wall, limit_to_area, wait_briefly_for_locks

revision = "2027_01_08_monitoring_comparison_pipeline"
down_revision = "2027_01_07_monitoring_follow_ups"
branch_labels = None
depends_on = None

_ADDS_UP = "rows = matched + mismatched + probable + departed + unmatched + invalid"


def upgrade() -> None:
    """Expand."""
    wait_briefly_for_locks()
    _comparison()
    _results()
    op.create_table(
        "comparison_part",
        sa.Column("comparison_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("ends_at", sa.BigInteger(), nullable=False),
        *(
            sa.Column(name, sa.Integer(), nullable=False)
            for name in (
                "ends_line",
                "rows",
                "matched",
                "mismatched",
                "probable",
                "departed",
                "unmatched",
                "invalid",
            )
        ),
        sa.Column("towns", postgresql.JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("comparison_id", "number"),
        sa.CheckConstraint(_ADDS_UP, name="ck_comparison_part_adds_up"),
    )
    op.create_table(
        "comparison_page",
        sa.Column("comparison_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("comparison_id", "number"),
    )
    op.create_table(
        "comparison_retraction",
        *(
            sa.Column(name, sa.Uuid(), nullable=False)
            for name in ("comparison_id", "household_id", "subject_id")
        ),
        sa.Column("member_id", sa.Uuid()),
        sa.Column("risk_type", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("comparison_id", "household_id", "subject_id", "risk_type"),
    )
    # Rows are compared on their way from the file: there is no stage between.
    op.drop_table("comparison_row")


def _comparison() -> None:
    for name in ("probable", "departed", "clues_taken_back", "clues_kept"):
        op.add_column("comparison", sa.Column(name, sa.Integer(), server_default="0", nullable=False))
    op.add_column("comparison", sa.Column("mode", sa.String(), server_default="commit", nullable=False))
    op.add_column("comparison", sa.Column("turn", sa.BigInteger(), server_default="0", nullable=False))
    for name in ("effective_at", "withdrawn_at", "purged_at", "emptied_at"):
        op.add_column("comparison", sa.Column(name, sa.DateTime(timezone=True)))
    op.execute("UPDATE comparison SET effective_at = finished_at")
    for name in ("withdrawn_by", "withdrawal_reason"):
        op.add_column("comparison", sa.Column(name, sa.String()))
    op.create_check_constraint("adds_up", "comparison", f"finished_at IS NULL OR {_ADDS_UP}")


def _results() -> None:
    """Make partitioned tables of what were whole ones: the rows that there are become their one part."""
    keys = {
        "comparison_result": "comparison_id, line",
        # Two columns of a row may be faulty in the same way.
        "comparison_reject": "comparison_id, line, code, header",
    }
    for table, key in keys.items():
        op.execute(f"DROP POLICY area ON {table}")
        op.execute(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} RENAME TO {table}_rows")
        op.execute(f"ALTER TABLE {table}_rows RENAME CONSTRAINT pk_{table} TO pk_{table}_rows")
        if table == "comparison_result":
            _widen("comparison_result_rows")
        else:
            op.drop_constraint(f"pk_{table}_rows", f"{table}_rows")
            op.drop_index("ix_comparison_reject_division_code", f"{table}_rows")
            op.create_primary_key(f"pk_{table}_rows", f"{table}_rows", key.split(", "))
        op.execute(
            f"CREATE TABLE {table} (LIKE {table}_rows, CONSTRAINT pk_{table} PRIMARY KEY ({key})) "
            "PARTITION BY RANGE (comparison_id)"
        )
        fill_below_the_wall(table, f"{table}_rows")
        limit_to_area(table)


def _widen(table: str) -> None:
    op.alter_column(table, "number_index", nullable=True)
    op.add_column(table, sa.Column("match", sa.String()))
    op.add_column(table, sa.Column("quantity", sa.Numeric(14, 2)))
    op.add_column(table, sa.Column("happened_on", sa.Date()))
    op.add_column(table, sa.Column("kind", sa.String()))
    op.add_column(table, sa.Column("more", postgresql.JSONB()))
