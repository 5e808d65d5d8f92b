"""Self-applications."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shared.database.migrating import keep_history, limit_to_area, recorded, wait_briefly_for_locks

revision = "2026_12_22_monitoring_applications"
down_revision = "2026_12_20_monitoring_inbox"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand."""
    wait_briefly_for_locks()
    op.create_table(
        "self_application",
        *recorded(),
        sa.Column("division_code", sa.String(12, collation="C"), nullable=False, index=True),
        *(
            sa.Column(name, sa.LargeBinary(), nullable=False)
            for name in ("receipt_digest", "identity_number", "number_index")
        ),
        sa.Column("phone", sa.LargeBinary()),
        *(
            sa.Column(name, sa.String(), nullable=False)
            for name in ("applicant", "channel", "risk_type", "difficulty")
        ),
        *(sa.Column(name, sa.String()) for name in ("written_by", "refusal", "refused_by")),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("household_id", sa.Uuid(), index=True),
        sa.Column("clue_id", sa.Uuid(), index=True),
        sa.Column("monitored_id", sa.Uuid()),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("receipt_digest", name="uq_self_application_receipt_digest"),
    )
    op.create_index(
        "ix_self_application_waiting",
        "self_application",
        ["number_index"],
        postgresql_where=sa.text("clue_id IS NULL AND monitored_id IS NULL AND refusal IS NULL"),
    )
    limit_to_area("self_application")
    keep_history("self_application")
