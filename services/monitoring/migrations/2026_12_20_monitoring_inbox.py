"""The inbox: urgency, assignment, first visits, and dismissals that another person agrees with."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shared.database.migrating import wait_briefly_for_locks

revision = "2026_12_20_monitoring_inbox"
down_revision = "2026_11_24_monitoring_comparison_walls"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand; clues that are there are ordinary until the next word on them."""
    wait_briefly_for_locks()
    op.add_column("clue", sa.Column("priority", sa.Integer(), server_default="3", nullable=False))
    for name, words in (("rule", "2021.1"), ("zh", "一般线索"), ("en", "an ordinary clue")):
        op.add_column(
            "clue", sa.Column(f"priority_{name}", sa.String(), server_default=words, nullable=False)
        )
    op.add_column("clue", sa.Column("assignee", sa.String()))
    for name in ("assigned_on", "visit_due_on", "visited_on", "dismissal_on"):
        op.add_column("clue", sa.Column(name, sa.Date()))
    for name in ("dismissal", "dismissal_by", "dismissal_by_name"):
        op.add_column("clue", sa.Column(name, sa.String()))
    op.drop_constraint("ck_clue_settled_with_date", "clue")
    op.execute(
        "ALTER TABLE clue ADD CONSTRAINT ck_clue_settled_with_date "
        "CHECK ((status IN ('received', 'assigned')) = (settled_on IS NULL)) NOT VALID"
    )
    op.execute("ALTER TABLE clue VALIDATE CONSTRAINT ck_clue_settled_with_date")
    op.drop_index("ix_clue_unsettled", "clue")
    op.create_index(
        "ix_clue_unsettled",
        "clue",
        ["priority", "due_on", "id"],
        postgresql_where=sa.text("status IN ('received', 'assigned')"),
    )
    op.create_index(
        "ix_clue_evidence",
        "clue",
        ["evidence"],
        postgresql_using="gin",
        postgresql_ops={"evidence": "jsonb_path_ops"},
    )
    op.create_index("ix_clue_assignee", "clue", ["assignee"])
