"""A further risk waits with a limit of its own until somebody adds it, and a first visit that is late is marked."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from shared.database.migrating import wait_briefly_for_locks

revision = "2027_01_20_monitoring_further_risks"
down_revision = "2027_01_19_monitoring_refused_rows"
branch_labels = None
depends_on = None

#: What was verified since the object's last watch ended, and led to no episode and to no decision of the county.
_UNANSWERED = """
    SELECT FROM monitored_object thing WHERE thing.id = clue.monitored_id AND thing.status IN {statuses}
        AND clue.risk_type <> ALL (thing.open_risks)
        AND clue.settled_on >= COALESCE(thing.eliminated_on, (
            SELECT max(ended.eliminated_on) FROM risk_episode ended WHERE ended.monitored_id = thing.id
        ), '-infinity')
        AND NOT EXISTS (
            SELECT FROM risk_episode tagged WHERE tagged.monitored_id = thing.id
                AND tagged.origin = 'clue:' || clue.id
        )
        AND NOT EXISTS (
            SELECT FROM retagging WHERE retagging.monitored_id = thing.id AND retagging.decided_on IS NOT NULL
                AND (retagging.clue_id = clue.id
                    OR (retagging.risk_type = clue.risk_type AND retagging.decided_on >= clue.settled_on))
        )
"""


def upgrade() -> None:
    """Expand; what waits to be added has as long as if it had been verified today, holidays aside."""
    wait_briefly_for_locks()
    for name in ("visit_overdue_on", "adding_due_on", "answered_on"):
        op.add_column("clue", sa.Column(name, sa.Date()))
    for name in ("visit_overdue_rule", "adding_due_rule"):
        op.add_column("clue", sa.Column(name, sa.String()))
    op.add_column("clue", sa.Column("overruled", JSONB(none_as_null=True)))
    watched = _UNANSWERED.format(statuses="('monitored', 'elimination_proposed', 'elimination_withheld')")
    candidate = _UNANSWERED.format(statuses="('retag_candidate')")
    verified = "status = 'verified_at_risk' AND monitored_id IS NOT NULL"
    op.execute(
        f"""
        UPDATE clue SET adding_due_on = CAST(fangfan_now() AT TIME ZONE 'Asia/Shanghai' AS date) + 7,
            adding_due_rule = '2019', level = 'town', overdue_on = NULL, escalated_on = NULL, overdue_rule = NULL
        WHERE {verified} AND EXISTS ({watched})
        """  # noqa: S608 - fixed conditions
    )
    op.execute(
        f"""
        UPDATE clue SET answered_on = settled_on
        WHERE {verified} AND adding_due_on IS NULL AND NOT EXISTS ({candidate})
        """  # noqa: S608 - fixed conditions
    )
    op.create_check_constraint(
        op.f("ck_clue_adding_due_by_rule"), "clue", "(adding_due_on IS NULL) = (adding_due_rule IS NULL)"
    )
    op.create_index(
        "ix_clue_awaits_adding",
        "clue",
        ["adding_due_on", "id"],
        postgresql_where=sa.text("adding_due_on IS NOT NULL AND answered_on IS NULL"),
    )
