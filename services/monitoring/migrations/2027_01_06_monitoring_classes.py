"""Classes of lifted households, and measures without a monitored object."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from shared.database.migrating import keep_history, limit_to_area, recorded, wait_briefly_for_locks

revision = "2027_01_06_monitoring_classes"
down_revision = "2027_01_05_monitoring_heard"
branch_labels = None
depends_on = None

_DAY, _WORDS = sa.Date(), sa.String()


def upgrade() -> None:
    """Expand."""
    wait_briefly_for_locks()
    op.alter_column("measure", "monitored_id", nullable=True)
    op.create_index(op.f("ix_measure_household_id"), "measure", ["household_id"])
    _create_classes()
    limit_to_area("support_class")
    keep_history("support_class")


def _create_classes() -> None:
    op.create_table(
        "support_class",
        *recorded(),
        _place(),
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        *_filled(_WORDS, "stage", "proposed_class", "suggested_class"),
        sa.Column("reasons", ARRAY(_WORDS), nullable=False),
        *_filled(_WORDS, "rule"),
        *_filled(JSONB(), "facts"),
        *_maybe(_WORDS, "why", "decided_class", "previous_class"),
        *_filled(_DAY, "proposed_on"),
        *_filled(_WORDS, "proposed_by", "proposed_by_name"),
        *_maybe(_DAY, "checked_on", "decided_on", "returned_on", "left_on"),
        *_maybe(_WORDS, "checked_by", "checked_by_name", "decided_by", "decided_by_name"),
        *_maybe(_WORDS, "returned_by_name", "returned_for", "departure"),
        sa.PrimaryKeyConstraint("id"),
        sa.CheckConstraint(
            "stage <> 'decided' OR decided_class IS NOT NULL",
            name=op.f("ck_support_class_decided_with_class"),
        ),
        sa.CheckConstraint(
            "(stage = 'left') = (left_on IS NOT NULL)", name=op.f("ck_support_class_left_with_date")
        ),
    )
    op.create_index("ix_support_class_household_id_year", "support_class", ["household_id", "year"])


def _place() -> sa.Column[str]:
    return sa.Column("division_code", sa.String(12, collation="C"), nullable=False, index=True)


def _filled(kind: sa.types.TypeEngine[object], *names: str) -> list[sa.Column[object]]:
    return [sa.Column(name, kind, nullable=False) for name in names]


def _maybe(kind: sa.types.TypeEngine[object], *names: str) -> list[sa.Column[object]]:
    return [sa.Column(name, kind) for name in names]
