"""What every service's database has beside its own tables: scope, history, outbox, inbox, answers, jobs."""

from __future__ import annotations

from importlib.resources import files

from alembic import op

revision = "2026_11_23_infrastructure"
down_revision = None
branch_labels = ("shared",)
depends_on = None


def upgrade() -> None:
    """Run ``infrastructure.sql``."""
    op.get_bind().exec_driver_sql("SET LOCAL lock_timeout = '5s'")
    for statement in (
        files("shared.database").joinpath("infrastructure.sql").read_text("utf-8").split("\n\n\n")
    ):
        op.get_bind().exec_driver_sql(statement)
