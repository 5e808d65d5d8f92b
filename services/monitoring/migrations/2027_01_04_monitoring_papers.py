"""Papers, the lines of an object's file, and the household as it was when it was checked."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from shared.database.migrating import limit_to_area, wait_briefly_for_locks

revision = "2027_01_04_monitoring_papers"
down_revision = "2027_01_03_monitoring_posts"
branch_labels = None
depends_on = None

#: The steps taken so far, in the order in which they can have happened. Who named a contact, planned or did a measure,
#: or closed an object was not kept by name.
_TAKEN = """
WITH taken (rank, division_code, monitored_id, entry, happened_on, by, by_name, about_id, at, content, evidence) AS (
    SELECT 1, division_code, monitored_id, 'risk_added', tagged_on, '', '未记录', NULL::uuid, changed_at,
        jsonb_build_object('risk_type', risk_type, 'member_id', member_id, 'cause', cause), evidence
    FROM risk_episode WHERE split_part(origin, ':', 1) NOT IN ('case', 'retagging')
    UNION ALL SELECT 2, division_code, id, 'contact', contact_on, '', '未记录', NULL, changed_at,
        jsonb_build_object('name', contact_name, 'unit', contact_unit), '[]'
    FROM monitored_object WHERE contact_on IS NOT NULL
    UNION ALL SELECT 3, division_code, monitored_id, 'plan', made_on, '', made_by, id, changed_at,
        jsonb_build_object('situation', situation, 'goal', goal, 'approach', approach, 'agreed', agreed), '[]'
    FROM plan
    UNION ALL SELECT 4, division_code, monitored_id, 'measure_planned', planned_on, '', '未记录', id, changed_at,
        '{}', '[]'
    FROM measure
    UNION ALL SELECT 5, division_code, monitored_id, 'measure_done', done_on, '', '未记录', id, changed_at,
        jsonb_build_object('effect', effect), evidence
    FROM measure WHERE status = 'done'
    UNION ALL SELECT 6, division_code, monitored_id, 'measure_stopped', changed_at::date, '', '未记录', id, changed_at,
        jsonb_build_object('reason', reason), '[]'
    FROM measure WHERE status = 'stopped'
    UNION ALL SELECT 7, division_code, monitored_id,
        CASE stage WHEN 'withheld' THEN 'elimination_withheld' ELSE 'elimination_proposed' END,
        proposed_on, proposed_by, proposed_by_name, id, changed_at, facts, evidence
    FROM elimination
    UNION ALL SELECT 8, division_code, monitored_id, 'elimination_reviewed', reviewed_on, reviewed_by,
        reviewed_by_name, id, changed_at, jsonb_build_object('opinion', review), '[]'
    FROM elimination WHERE reviewed_on IS NOT NULL
    UNION ALL SELECT 9, division_code, monitored_id, 'elimination_' || stage, decided_on, decided_by,
        decided_by_name, id, changed_at,
        jsonb_build_object(CASE stage WHEN 'returned' THEN 'reason' ELSE 'opinion' END, decision), '[]'
    FROM elimination WHERE decided_on IS NOT NULL
    UNION ALL SELECT 10, division_code, monitored_id, 'retagging_verified', verified_on, verified_by,
        verified_by_name, id, changed_at,
        jsonb_build_object('risk_type', risk_type, 'member_id', member_id, 'cause', cause), evidence
    FROM retagging
    UNION ALL SELECT 11, division_code, monitored_id,
        CASE stage WHEN 'approved' THEN 'retagging_confirmed' ELSE 'retagging_returned' END,
        decided_on, decided_by, decided_by_name, id, changed_at,
        jsonb_build_object(CASE stage WHEN 'returned' THEN 'reason' ELSE 'opinion' END, decision), '[]'
    FROM retagging WHERE decided_on IS NOT NULL
    UNION ALL SELECT 12, division_code, id, 'closure', stepped_on, '', '未记录', NULL, changed_at,
        jsonb_build_object('kind', closure, 'reason', reason), '[]'
    FROM monitored_object WHERE closure IS NOT NULL
)
INSERT INTO monitored_entry (
    id, division_code, monitored_id, entry, by, by_name, happened_on, entered_at, about_id, content, evidence
)
SELECT
    -- A UUIDv7 of now whose next bits are the rank: lines of one day stand in their order.
    CAST(lpad(to_hex(CAST(extract(epoch FROM now()) * 1000 AS bigint)), 12, '0') || '7' || lpad(to_hex(rank), 3, '0')
        || '8' || substr(md5(CAST(random() AS text)), 1, 15) AS uuid),
    division_code, monitored_id, entry, by, by_name, happened_on, at, about_id, content, evidence
FROM taken
"""


def upgrade() -> None:
    """Expand, and write the lines of the steps taken so far."""
    wait_briefly_for_locks()
    create_papers()
    op.add_column("case_entry", sa.Column("household", JSONB()))
    op.create_table(
        "monitored_entry",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("division_code", sa.String(12, collation="C"), nullable=False, index=True),
        sa.Column("monitored_id", sa.Uuid(), nullable=False, index=True),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("entry", "by", "by_name")),
        sa.Column("happened_on", sa.Date(), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("about_id", sa.Uuid()),
        *(sa.Column(name, JSONB(), nullable=False) for name in ("content", "evidence")),
    )
    limit_to_area("attachment", "attachment_link", "monitored_entry")
    op.execute(_TAKEN)


def create_papers() -> None:
    """Papers, and what names them."""
    op.create_table(
        "attachment",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("division_code", sa.String(12, collation="C"), nullable=False, index=True),
        sa.Column("household_id", sa.Uuid(), index=True),
        *(
            sa.Column(name, sa.String(), nullable=False)
            for name in ("kind", "media_type", "name", "uploaded_by")
        ),
        sa.Column("digest", sa.String(), nullable=False, index=True),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True)),
        sa.Column("latitude", sa.Float()),
        sa.Column("longitude", sa.Float()),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=False, index=True),
    )
    op.create_table(
        "attachment_link",
        sa.Column("attachment_id", sa.Uuid(), primary_key=True),
        sa.Column("of_id", sa.Uuid(), primary_key=True, index=True),
        sa.Column("division_code", sa.String(12, collation="C"), nullable=False, index=True),
        sa.Column("household_id", sa.Uuid(), index=True),
        sa.Column("linked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("linked_by", sa.String(), nullable=False),
    )
