"""A job tells of itself: whoever follows it hears of a change as it is committed."""

from __future__ import annotations

from alembic import op

revision = "2027_02_02_jobs_tell"
down_revision = "2026_12_13_history_in_order"
branch_labels = None
depends_on = None

_TELL = """
CREATE FUNCTION fangfan_tell_of_job() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN PERFORM pg_notify('fangfan_job', NEW.id::text); RETURN NULL; END $$
"""
_WHEN_IT_CHANGES = """
CREATE TRIGGER tell_of_job AFTER UPDATE ON job FOR EACH ROW
WHEN ((OLD.state, OLD.done, OLD.total) IS DISTINCT FROM (NEW.state, NEW.done, NEW.total))
EXECUTE FUNCTION fangfan_tell_of_job()
"""


def upgrade() -> None:
    """Expand: a version that asks again and again is told, and does not listen."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    for statement in (_TELL, _WHEN_IT_CHANGES):
        op.execute(statement)
