"""The joint check is a step of identification: who recorded it, and who recorded the deliberation before it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from shared.database.migrating import wait_briefly_for_locks

revision = "2027_01_12_monitoring_joint_check"
down_revision = "2027_01_11_monitoring_corrections"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand; who deliberated on what is still open is taken from the files.

    A case that stands before the county stays there: nobody asked it for a joint check when it came, and a family does
    not wait longer for a rule that is younger than its step. The county may return it to one. All others come to it in
    their turn.
    """
    wait_briefly_for_locks()
    op.add_column("identification_case", sa.Column("deliberated_by", sa.String()))
    op.add_column(
        "identification_case", sa.Column("joint_checked_by", JSONB(), server_default="[]", nullable=False)
    )
    op.execute(
        """
        UPDATE identification_case SET deliberated_by = line."by"
        FROM (
            SELECT DISTINCT ON (case_id) case_id, "by" FROM case_entry
            WHERE entry = 'deliberation' ORDER BY case_id, id DESC
        ) line
        WHERE line.case_id = identification_case.id AND identification_case.status = 'open'
            AND identification_case.step IN ('publicity', 'town_review', 'county_approval')
        """
    )
