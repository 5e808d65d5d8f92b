"""Follow-up visits, and whose turn it is until when."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from shared.database.migrating import keep_history, limit_to_area, recorded, wait_briefly_for_locks

revision = "2027_01_07_monitoring_follow_ups"
down_revision = "2027_01_06_monitoring_classes"
branch_labels = None
depends_on = None

_DAY, _WORDS = sa.Date(), sa.String()


def upgrade() -> None:
    """Expand."""
    wait_briefly_for_locks()
    op.add_column("household_replica", sa.Column("responsible_official", _WORDS))
    _create_follow_ups()
    _create_turns()
    limit_to_area("follow_up", "follow_up_turn")
    keep_history("follow_up", "follow_up_turn")


def _create_follow_ups() -> None:
    op.create_table(
        "follow_up",
        *recorded(),
        _place(),
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("monitored_id", sa.Uuid(), index=True),
        *_filled(_DAY, "visited_on"),
        *_filled(_WORDS, "officer", "way"),
        *_maybe(_WORDS, "away"),
        *_filled(_WORDS, "found"),
        *_filled(JSONB(), "difficulties", "signals", "evidence"),
        *_filled(sa.Integer(), "unsolved"),
        *_filled(_WORDS, "source"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_follow_up_household_id_visited_on", "follow_up", ["household_id", "visited_on"])


def _create_turns() -> None:
    op.create_table(
        "follow_up_turn",
        *recorded(),
        _place(),
        *_maybe(_WORDS, "kind"),
        sa.Column("official", _WORDS, index=True),
        *_maybe(_DAY, "last_on", "due_on", "overdue_on", "escalated_on"),
        *_maybe(_WORDS, "rule", "overdue_rule"),
        *_filled(_WORDS, "level"),
        sa.PrimaryKeyConstraint("id"),
        sa.CheckConstraint(
            "(kind IS NULL) = (due_on IS NULL)", name=op.f("ck_follow_up_turn_due_while_followed")
        ),
    )
    op.create_index(
        "ix_follow_up_turn_due_on",
        "follow_up_turn",
        ["due_on", "id"],
        postgresql_where=sa.text("due_on IS NOT NULL"),
    )


def _place() -> sa.Column[str]:
    return sa.Column("division_code", sa.String(12, collation="C"), nullable=False, index=True)


def _filled(kind: sa.types.TypeEngine[object], *names: str) -> list[sa.Column[object]]:
    return [sa.Column(name, kind, nullable=False) for name in names]


def _maybe(kind: sa.types.TypeEngine[object], *names: str) -> list[sa.Column[object]]:
    return [sa.Column(name, kind) for name in names]
