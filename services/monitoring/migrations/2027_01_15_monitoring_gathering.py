"""Rules find the few whom a batch tells of: by a table that ends with its transaction, and by the person alone."""

from __future__ import annotations

from alembic import op

from shared.database.migrating import wait_briefly_for_locks

revision = "2027_01_15_monitoring_gathering"
down_revision = "2027_01_14_monitoring_withdrawal"
branch_labels = None
depends_on = None

#: As ``deploy/provision.py`` grants it to a new database: to whoever else may read tables.
_GRANT = """
    DO $$
    DECLARE grantee regrole;
    BEGIN
        FOR grantee IN
            SELECT DISTINCT (aclexplode(relacl)).grantee::regrole FROM pg_class WHERE oid = 'comparison'::regclass
        LOOP
            EXECUTE format('GRANT TEMPORARY ON DATABASE %I TO %s', current_database(), grantee);
        END LOOP;
    END $$
    """


def upgrade() -> None:
    """Expand."""
    wait_briefly_for_locks()
    op.execute(_GRANT)
    op.create_index("ix_person_replica_member_id", "person_replica", ["member_id"])
