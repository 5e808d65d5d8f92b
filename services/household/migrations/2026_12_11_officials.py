"""Officials in time, their contacts, and consents."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from shared.database.migrating import keep_history, limit_to_area, recorded, wait_briefly_for_locks

revision = "2026_12_11_officials"
down_revision = "2026_12_09_quality"
branch_labels = None
depends_on = None

#: Who is responsible now became so on a day that nobody knows: at the latest, when the household was changed last.
_TERMS = """
INSERT INTO official_term (id, household_id, division_code, name, unit, since)
SELECT gen_random_uuid(), id, division_code, official_name, coalesce(official_unit, ''), CAST(changed_at AS date)
FROM household WHERE official_name IS NOT NULL
"""


def upgrade() -> None:
    """Expand, and begin the terms of those who are responsible now."""
    wait_briefly_for_locks()
    _of_household(
        "official_term",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
    )
    op.execute(_TERMS)
    _of_household(
        "official_contact",
        sa.Column("happened_on", sa.Date(), nullable=False),
        sa.Column("way", sa.String(), nullable=False),
        sa.Column("official_name", sa.String(), nullable=False),
        sa.Column("words", sa.String(), nullable=False),
    )
    _of_household(
        "consent",
        sa.Column("member_id", sa.Uuid(), nullable=True),
        sa.Column("scopes", postgresql.ARRAY(sa.String()), nullable=False),
        sa.Column("given_on", sa.Date(), nullable=False),
        sa.Column("evidence", sa.String(), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.Column("withdrawn_on", sa.Date(), nullable=True),
        sa.Column("withdrawal_reason", sa.String(), nullable=True),
    )


def _of_household(name: str, *columns: sa.Column[Any]) -> None:
    """Make a recorded table whose rows belong to a household."""
    op.create_table(
        name,
        *recorded(),
        sa.Column("division_code", sa.String(length=12, collation="C"), nullable=False),
        sa.Column("household_id", sa.Uuid(), nullable=False),
        *columns,
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{name}")),
    )
    op.create_index(op.f(f"ix_{name}_household_id"), name, ["household_id"])
    op.create_index(op.f(f"ix_{name}_division_code"), name, ["division_code"])
    limit_to_area(name)
    keep_history(name, root="household_id")
