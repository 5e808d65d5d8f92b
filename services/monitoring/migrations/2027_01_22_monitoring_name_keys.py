"""Keys of names by a table of variants that knows the traditional characters."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shared.database.migrating import wait_briefly_for_locks
from shared.domain.person_name import variants

revision = "2027_01_22_monitoring_name_keys"
down_revision = "2027_01_21_monitoring_signed"
branch_labels = None
depends_on = None

_MEND = sa.text(
    """
    UPDATE person_replica SET name_key = translate(name_key, :written, :meant)
    WHERE name_key ~ ('[' || :written || ']')
    """
)


def upgrade() -> None:
    """Write anew the few keys that hold a variant; what is meant by one is none itself, so that once is enough."""
    wait_briefly_for_locks()
    known = variants()
    op.get_bind().execute(_MEND, {"written": "".join(known), "meant": "".join(known.values())})
