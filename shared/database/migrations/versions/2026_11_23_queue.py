"""The job queue's own tables, as PgQueuer 1.6 makes them: kept as text, not asked of the library again."""

from __future__ import annotations

from importlib.resources import files

from alembic import op

revision = "2026_11_23_queue"
down_revision = "2026_11_23_infrastructure"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Run ``queue.sql``."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    for statement in files("shared.database").joinpath("queue.sql").read_text("utf-8").split("\n\n\n"):
        op.get_bind().exec_driver_sql(statement)
