"""Probable duplicates and what was said of them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from shared.database.migrating import keep_history, limit_to_area, wait_briefly_for_locks

revision = "2026_11_28_duplicates"
down_revision = "2026_11_27_natural_changes"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand. Keys of people registered before are made by the first scan."""
    wait_briefly_for_locks()
    op.create_table(
        "match_key",
        sa.Column("key", sa.BigInteger(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("key", "member_id", name=op.f("pk_match_key")),
    )
    op.create_index(op.f("ix_match_key_member_id"), "match_key", ["member_id"])
    op.create_table(
        "probable_duplicate",
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column(
            "changed_at", sa.DateTime(timezone=True), server_default=sa.text("fangfan_now()"), nullable=False
        ),
        sa.Column("changed_by", sa.String(), server_default=sa.text("fangfan_actor()"), nullable=False),
        sa.Column("change_reason", sa.String(), server_default=sa.text("fangfan_reason()"), nullable=False),
        sa.Column("division_code", sa.String(length=12, collation="C"), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("one_id", sa.Uuid(), nullable=False),
        sa.Column("other_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("doubt", sa.Numeric(precision=5, scale=4), nullable=False),
        sa.Column("agreements", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("found_by", sa.String(), nullable=False),
        sa.Column("numbers", sa.LargeBinary(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.String(), nullable=True),
        sa.Column("decision_reason", sa.String(), nullable=True),
        sa.Column("kept_id", sa.Uuid(), nullable=True),
        sa.Column("merge", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_probable_duplicate")),
    )
    op.create_index(
        op.f("ix_probable_duplicate_division_code"), "probable_duplicate", ["division_code"], unique=False
    )
    op.create_index(op.f("ix_probable_duplicate_other_id"), "probable_duplicate", ["other_id"], unique=False)
    op.create_index(
        "ix_probable_duplicate_state_doubt_id", "probable_duplicate", ["state", "doubt", "id"], unique=False
    )
    op.create_index(
        "uq_probable_duplicate_one_id_other_id", "probable_duplicate", ["one_id", "other_id"], unique=True
    )
    limit_to_area("probable_duplicate")
    keep_history("probable_duplicate")
