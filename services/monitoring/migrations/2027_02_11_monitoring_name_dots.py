"""Keys of names without the dots that were not known for what they are."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shared.database.migrating import wait_briefly_for_locks

revision = "2027_02_11_monitoring_name_dots"
down_revision = "2027_02_10_monitoring_verdicts"
branch_labels = None
depends_on = None

#: ● ▪ ⸱, and what NFKC left of ㆍ and of ˙: no sign of a name in Chinese.
_DOTS = "\u25cf\u25aa\u2e31\u119e\u0307"
_MEND = sa.text(
    "UPDATE person_replica SET name_key = translate(name_key, :dots, '') WHERE name_key ~ ('[' || :dots || ']')"
)


def upgrade() -> None:
    """Write anew the few keys that hold one."""
    wait_briefly_for_locks()
    op.get_bind().execute(_MEND, {"dots": _DOTS})
