"""Who went from one household to another, under each of their ids; and rows of batches by whom they are about now."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shared.database.migrating import wait_briefly_for_locks

revision = "2027_02_20_monitoring_movers"
down_revision = "2027_02_13_monitoring_headers"
branch_labels = None
depends_on = None

#: Of whoever went before anybody kept it, as far as a number tells: the same one of somebody gone and somebody there.
_KNOWN_BY_NUMBER = """
    WITH moved AS (
        SELECT gone.member_id AS gone_id, gone.household_id AS gone_from, here.member_id AS here_id,
            here.household_id AS here_in
        FROM person_replica gone JOIN person_replica here ON here.number_index = gone.number_index
        WHERE gone.left_on IS NOT NULL AND here.left_on IS NULL AND gone.member_id <> here.member_id)
    INSERT INTO mover (id, household_id, person, now_id, now_household_id)
    SELECT gone_id, gone_from, here_id, here_id, here_in FROM moved
    UNION
    SELECT here_id, here_in, here_id, here_id, here_in FROM moved
    ON CONFLICT DO NOTHING
    """
#: The wall is that of ``comparison_outcome``.
_VIEW = """
    CREATE VIEW comparison_outcome_now WITH (security_barrier) AS
    SELECT told.comparison_id, line, from_line, to_line, division_code, outcome, match, number_index,
        coalesce(mover.now_household_id, told.household_id) AS household_id,
        CASE WHEN told.member_id IS NOT NULL THEN coalesce(mover.now_id, told.member_id) END AS member_id,
        amount, quantity, happened_on, kind, note, more
    FROM comparison_outcome told
    LEFT JOIN mover ON mover.id = coalesce(told.member_id, told.household_id) AND mover.now_id <> mover.id
    """


def upgrade() -> None:
    """Expand: warnings and doubts of whoever went before stay where they were raised."""
    wait_briefly_for_locks()
    op.create_table(
        "mover",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("person", sa.Uuid(), nullable=False),
        sa.Column("now_id", sa.Uuid(), nullable=False),
        sa.Column("now_household_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mover")),
    )
    for column in ("household_id", "person", "now_id"):
        op.create_index(op.f(f"ix_mover_{column}"), "mover", [column])
    op.execute(_KNOWN_BY_NUMBER)
    op.execute(_VIEW)
