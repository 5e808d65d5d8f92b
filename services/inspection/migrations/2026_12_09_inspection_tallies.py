"""Tallies that every change of findings, visits and households keeps, whoever makes it."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from shared.database.migrating import limit_to_area, wait_briefly_for_locks
from shared.database.tallying import Counted, count, keep_counting

revision = "2026_12_09_inspection_tallies"
down_revision = "2026_12_02_inspection_findings"
branch_labels = None
depends_on = None


_PLACE = {"division_code": "division_code"}
_CAMPAIGN = {"campaign_id": "campaign_id", **_PLACE}
_COUNTED = (
    Counted("household", "household_tally", {**_PLACE, "kind": "kind"}, {"households": "inhabited::int"}),
    Counted(
        "finding",
        "finding_tally",
        {
            **_CAMPAIGN,
            "area": "split_part(item, '-', 1)",
            "status": "status",
            "deadline_on": "CASE WHEN status IN ('closed', 'merged') THEN 'infinity' ELSE deadline_on END",
        },
        {"findings": "1", "on_the_spot": "on_the_spot::int"},
    ),
    Counted(
        "finding",
        "officer_tally",
        {**_CAMPAIGN, "officer": "raised_by"},
        {"visited": "0", "raised": "1", "closed": "(status = 'closed')::int"},
    ),
    Counted(
        "visit",
        "officer_tally",
        {**_CAMPAIGN, "officer": "officer"},
        {"visited": "first::int", "raised": "0", "closed": "0"},
    ),
)


def upgrade() -> None:
    """Expand, count what is there, and keep counting."""
    wait_briefly_for_locks()
    op.add_column("household", sa.Column("inhabited", sa.Boolean(), server_default=sa.true(), nullable=False))
    op.execute(
        """
        UPDATE household SET inhabited = false
        WHERE NOT facts -> 'members' @> '[{"left_on": null}]' OR facts ->> 'merged_into' IS NOT NULL
        """
    )
    op.alter_column("household", "inhabited", server_default=None)
    _create("household_tally", _text("kind"), _count("households"))
    _create(
        "finding_tally",
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        *(_text(name) for name in ("area", "status")),
        sa.Column("deadline_on", sa.Date(), nullable=False),
        *(_count(name) for name in ("findings", "on_the_spot")),
    )
    _create(
        "officer_tally",
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        _text("officer"),
        *(_count(name) for name in ("visited", "raised", "closed")),
    )
    for name in ("finding_tally", "officer_tally"):
        op.create_index(f"ix_{name}_campaign_id_division_code", name, ["campaign_id", "division_code"])
    limit_to_area("household_tally", "finding_tally", "officer_tally")
    count(*_COUNTED)
    keep_counting(*_COUNTED)


def _create(name: str, *columns: sa.Column[Any]) -> None:
    op.create_table(
        name,
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), primary_key=True),
        sa.Column("division_code", sa.String(12, collation="C"), nullable=False, index=True),
        *columns,
    )


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.String(), nullable=False)


def _count(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), nullable=False)
