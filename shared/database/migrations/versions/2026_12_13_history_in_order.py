"""A row's versions follow each other in time, whoever began first.

A transaction's moment is that of its beginning. One that began before another and reached the row after it left two
versions that held at once, and a past in which neither was the last.
"""

from __future__ import annotations

from alembic import op

revision = "2026_12_13_history_in_order"
down_revision = "2026_12_05_history_follows"
branch_labels = None
depends_on = None

_AFTER = """
CREATE FUNCTION fangfan_now_after(earlier timestamptz) RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT CASE WHEN fangfan_now() < earlier THEN earlier + interval '1 microsecond' ELSE fangfan_now() END $$
"""
_STAMP = """
CREATE OR REPLACE FUNCTION fangfan_stamp() RETURNS trigger LANGUAGE plpgsql AS
$$
BEGIN
    NEW.version := OLD.version + 1;
    NEW.changed_at := fangfan_now_after(OLD.changed_at);
    NEW.changed_by := fangfan_actor();
    NEW.change_reason := fangfan_reason();
    RETURN NEW;
END
$$
"""
_KEEP_HISTORY = """
CREATE OR REPLACE FUNCTION fangfan_keep_history() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS
$$
BEGIN
    EXECUTE format(
        'INSERT INTO history SELECT $1, o.%I, o.id, o.version, to_jsonb(o) ->> ''division_code'', o.changed_at, '
        'fangfan_now_after(o.changed_at), o.changed_by, o.change_reason, fangfan_actor(), fangfan_reason(), $2, '
        'to_jsonb(o) FROM old_rows o',
        TG_ARGV[0]
    ) USING TG_TABLE_NAME, TG_OP = 'DELETE';
    RETURN NULL;
END
$$
"""


def upgrade() -> None:
    """Replace what stamps and what keeps."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    for function in (_AFTER, _STAMP, _KEEP_HISTORY):
        op.get_bind().exec_driver_sql(function)
