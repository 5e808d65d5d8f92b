"""Teams, training sessions, grids, and an officer for each household instead of one for each village."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from shared.database.migrating import (
    keep_history,
    limit_to_area,
    limit_to_overlapping_areas,
    recorded,
    wait_briefly_for_locks,
)
from shared.database.tallying import Counted, keep_counting

revision = "2026_12_13_inspection_forces"
down_revision = "2026_12_12_inspection_dispatches"
branch_labels = None
depends_on = None

_COUNTED = Counted(
    "assignment",
    "officer_tally",
    {"campaign_id": "campaign_id", "division_code": "division_code", "officer": "officer"},
    {"visited": "0", "raised": "0", "closed": "0", "assigned": "1"},
)


def upgrade() -> None:
    """Expand; whoever had a village has each of its households now."""
    wait_briefly_for_locks()
    create_grids()
    create_teams()
    create_trainings()
    op.execute("CREATE TEMPORARY TABLE before ON COMMIT DROP AS SELECT * FROM assignment")
    op.drop_table("assignment")
    create_assignments()
    op.execute(
        """
        INSERT INTO assignment (id, campaign_id, household_id, division_code, officer, changed_by)
        SELECT gen_random_uuid(), before.campaign_id, household.id, household.division_code, before.officer,
            before.changed_by
        FROM before JOIN household USING (division_code)
        """
    )


def create_grids() -> None:
    """Grids as the registry tells of them."""
    op.create_table(
        "grid",
        sa.Column("id", sa.Uuid(), primary_key=True),
        _place(),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("officer_name", sa.String()),
        sa.Column("closed_on", sa.Date()),
        sa.Column("sequence", sa.Integer(), nullable=False),
    )
    limit_to_area("grid")


def create_teams() -> None:
    """Teams of villages and towns."""
    op.create_table(
        "team",
        *recorded(),
        _place(),
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("leader", sa.String(), nullable=False),
        sa.Column("members", JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint(
            "campaign_id", "division_code", "name", name="uq_team_campaign_id_division_code_name"
        ),
    )
    limit_to_area("team")
    keep_history("team", root="campaign_id")


def create_trainings() -> None:
    """Sessions, and who was asked to come."""
    op.create_table(
        "training",
        *recorded(),
        _place(),
        sa.Column("division_end", sa.String(12, collation="C"), nullable=False),
        sa.Column("campaign_id", sa.Uuid(), nullable=False, index=True),
        sa.Column("held_on", sa.Date(), nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("title", "place", "trainer", "topics")),
        sa.PrimaryKeyConstraint("id"),
    )
    limit_to_overlapping_areas("training")
    keep_history("training")
    op.create_table(
        "attendance",
        sa.Column("training_id", sa.Uuid(), nullable=False),
        _place(),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("name", "role", "status")),
        sa.PrimaryKeyConstraint("training_id", "division_code", "name"),
    )
    limit_to_area("attendance")


def create_assignments() -> None:
    """Who visits which household, and how many each has."""
    op.create_table(
        "assignment",
        *recorded(),
        _place(),
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("officer", sa.String(), nullable=False),
        sa.Column("reason", sa.String()),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("campaign_id", "household_id", name="uq_assignment_campaign_id_household_id"),
    )
    op.create_index(
        "ix_assignment_campaign_id_division_code_officer",
        "assignment",
        ["campaign_id", "division_code", "officer"],
    )
    limit_to_area("assignment")
    keep_history("assignment", root="campaign_id")
    op.add_column("officer_tally", sa.Column("assigned", sa.Integer(), server_default="0", nullable=False))
    keep_counting(_COUNTED)


def _place() -> sa.Column[Any]:
    return sa.Column("division_code", sa.String(12, collation="C"), nullable=False, index=True)
