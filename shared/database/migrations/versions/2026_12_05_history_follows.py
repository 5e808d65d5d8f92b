"""The past of an aggregate is seen where the aggregate is now."""

from __future__ import annotations

from alembic import op

revision = "2026_12_05_history_follows"
down_revision = "2026_11_23_queue"
branch_labels = None
depends_on = None

#: As the owner, because nobody else may touch history; and to no other place than that of the root's present row, so
#: that nothing can be hidden with it. The images stay as they are.
_FOLLOWS = """
CREATE FUNCTION fangfan_history_follows(root regclass, ids uuid[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS
$$
BEGIN
    EXECUTE format(
        'UPDATE history h SET division_code = r.division_code FROM %s r '
        'WHERE r.id = ANY($1) AND h.root_id = r.id AND h.division_code <> r.division_code', root) USING ids;
END
$$
"""


def upgrade() -> None:
    """Make the function."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.get_bind().exec_driver_sql(_FOLLOWS)
