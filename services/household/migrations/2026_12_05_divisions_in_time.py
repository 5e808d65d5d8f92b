"""Divisions in time, and the book of changes of boundaries."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from shared.database.migrating import keep_history, recorded, wait_briefly_for_locks
from shared.domain.pinyin import place_initials, place_pinyin

revision = "2026_12_05_divisions_in_time"
down_revision = "2026_12_03_search"
branch_labels = None
depends_on = None

_FILL = sa.text("UPDATE division SET pinyin = :pinyin, initials = :initials WHERE name = :name")


def upgrade() -> None:
    """Expand, and write the letters of the divisions that are there."""
    wait_briefly_for_locks()
    op.add_column("division", sa.Column("valid_from", sa.Date(), nullable=True))
    op.add_column("division", sa.Column("valid_until", sa.Date(), nullable=True))
    for name in ("pinyin", "initials"):
        empty = sa.text("''")
        op.add_column(
            "division", sa.Column(name, sa.String(collation="C"), nullable=False, server_default=empty)
        )
        op.create_index(op.f(f"ix_division_{name}"), "division", [name])
    # Who entered the divisions is not who writes their letters: no version is made of it.
    op.execute("ALTER TABLE division DISABLE TRIGGER USER")
    connection = op.get_bind()
    for name in connection.scalars(sa.text("SELECT DISTINCT name FROM division")).all():
        letters = {"pinyin": place_pinyin(name), "initials": place_initials(name)}
        connection.execute(_FILL, {"name": name, **letters})
    op.execute("ALTER TABLE division ENABLE TRIGGER USER")
    for name in ("pinyin", "initials"):
        op.alter_column("division", name, server_default=None)
    op.create_table(
        "former_name",
        sa.Column("code", sa.String(length=12, collation="C"), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("code", "until", name=op.f("pk_former_name")),
    )
    _boundary_change()


def _boundary_change() -> None:
    op.create_table(
        "boundary_change",
        *recorded(),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("document", sa.String(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("divisions", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("moves", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("closes", postgresql.ARRAY(sa.String()), nullable=False),
        sa.Column("codes", postgresql.ARRAY(sa.String()), nullable=False),
        sa.Column("moved", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("refusal", sa.String(), nullable=True),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.Column("areas", postgresql.ARRAY(sa.String()), nullable=False),
        sa.Column("carried_out_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_boundary_change")),
    )
    op.create_index(op.f("ix_boundary_change_effective_on"), "boundary_change", ["effective_on"])
    keep_history("boundary_change")
