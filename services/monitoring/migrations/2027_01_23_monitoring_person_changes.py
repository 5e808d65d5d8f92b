"""Which households' people have changed in which transaction, so that a comparison reads only those anew."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shared.database.migrating import wait_briefly_for_locks

revision = "2027_01_23_monitoring_person_changes"
down_revision = "2027_01_22_monitoring_name_keys"
branch_labels = None
depends_on = None

_NOTE = """
    CREATE FUNCTION note_person_changes() RETURNS trigger LANGUAGE plpgsql
        SECURITY DEFINER SET search_path = public, pg_temp AS
    $$
    BEGIN
        IF TG_OP <> 'INSERT' THEN
            INSERT INTO person_change (household_id) SELECT DISTINCT household_id FROM old_rows ON CONFLICT DO NOTHING;
        END IF;
        IF TG_OP <> 'DELETE' THEN
            INSERT INTO person_change (household_id) SELECT DISTINCT household_id FROM new_rows ON CONFLICT DO NOTHING;
        END IF;
        RETURN NULL;
    END
    $$
"""
_TRIGGERS = {
    "INSERT": "NEW TABLE AS new_rows",
    "UPDATE": "OLD TABLE AS old_rows NEW TABLE AS new_rows",
    "DELETE": "OLD TABLE AS old_rows",
}


def upgrade() -> None:
    """Expand."""
    wait_briefly_for_locks()
    op.create_table(
        "person_change",
        sa.Column(
            "made_by",
            sa.BigInteger(),
            server_default=sa.text("CAST(CAST(pg_current_xact_id() AS text) AS bigint)"),
            nullable=False,
        ),
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("noted_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("made_by", "household_id", name=op.f("pk_person_change")),
    )
    op.execute(_NOTE)
    for change, tables in _TRIGGERS.items():
        op.execute(
            f"""
            CREATE TRIGGER note_{change.lower()} AFTER {change} ON person_replica REFERENCING {tables}
                FOR EACH STATEMENT EXECUTE FUNCTION note_person_changes()
            """
        )
