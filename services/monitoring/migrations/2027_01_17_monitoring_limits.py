"""Beside each last day stands the version of the limits that set it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shared.database.migrating import wait_briefly_for_locks

revision = "2027_01_17_monitoring_limits"
down_revision = "2027_01_16_monitoring_closures"
branch_labels = None
depends_on = None

#: Not empty: what stood there before was set by the only version that there was, but for the whole procedure in Anhui.
_SET_BY = (
    ("clue", "due_rule", "2019"),
    ("identification_case", "due_rule", "2019"),
    ("identification_case", "procedure_due_rule", "2019"),
    ("case_entry", "due_rule", "2019"),
    ("late_duty", "due_rule", "2019"),
    ("stated_reason", "rule", "2021"),
)
_MAY_BE_EMPTY = (
    ("clue", "visit_due_rule"),
    ("monitored_object", "due_rule"),
    ("elimination", "due_rule"),
    ("retagging", "due_rule"),
    ("retagging", "check_due_rule"),
    ("closure", "due_rule"),
    ("small_credit", "extension_rule"),
)
_DAYS = (
    ("elimination", "due_on"),
    ("retagging", "due_on"),
    ("retagging", "check_due_on"),
    ("closure", "due_on"),
)


def upgrade() -> None:
    """Expand; what was decided about objects already keeps no limit, for it had none."""
    wait_briefly_for_locks()
    for table, name, version in _SET_BY:
        op.add_column(table, sa.Column(name, sa.String(), server_default=version, nullable=False))
    for table, name in _MAY_BE_EMPTY:
        op.add_column(table, sa.Column(name, sa.String()))
    for table, name in _DAYS:
        op.add_column(table, sa.Column(name, sa.Date()))
    op.execute(
        """
        UPDATE identification_case SET procedure_due_rule = '2022-anhui'
        WHERE division_code LIKE '34%' AND opened_on >= '2022-01-01'
        """
    )
    op.execute("UPDATE clue SET visit_due_rule = '2019' WHERE visit_due_on IS NOT NULL")
    op.execute("UPDATE small_credit SET extension_rule = rule WHERE extensions > 0")
    op.execute("UPDATE monitored_object SET due_rule = '2019' WHERE due_on IS NOT NULL")
    _pass_on()


def _pass_on() -> None:
    """Give what is under way the limit that its object has."""
    for table, status in (
        ("elimination", "thing.status = 'elimination_proposed'"),
        ("retagging", "thing.status = 'retag_candidate'"),
        # Where something else is under way, too, the object has that one's.
        ("closure", "thing.status NOT IN ('elimination_proposed', 'retag_candidate')"),
    ):
        op.execute(
            f"""
            UPDATE {table} SET due_on = thing.due_on, due_rule = thing.due_rule FROM monitored_object thing
            WHERE thing.id = monitored_id AND decided_on IS NULL AND stage <> 'withheld' AND {status}
            """  # noqa: S608 - names of tables, and fixed conditions
        )
