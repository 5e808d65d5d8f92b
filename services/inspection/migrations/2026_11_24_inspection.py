"""Campaigns, schedules, visits, findings, and the replicas that they need."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from shared.database.migrating import (
    keep_history,
    limit_to_area,
    limit_to_overlapping_areas,
    wait_briefly_for_locks,
)

revision = "2026_11_24_inspection"
down_revision = None
branch_labels = None
depends_on = "2026_11_23_infrastructure"


def upgrade() -> None:
    """Expand."""
    wait_briefly_for_locks()
    create_replicas()
    create_campaigns()
    create_visits()
    create_findings()
    limit_to_area("household", "monitored", "visit", "coverage", "finding")
    limit_to_overlapping_areas("campaign", "schedule")
    keep_history("campaign", "visit", "finding")
    keep_history("schedule", root="campaign_id")


def create_replicas() -> None:
    """What is learned from the events of others."""
    op.create_table(
        "division",
        sa.Column("code", sa.String(12, collation="C"), primary_key=True),
        text("name"),
        text("level"),
        sa.Column("parent_code", sa.String(12, collation="C")),
        integer("sequence"),
    )
    op.create_table(
        "household",
        *placed(),
        text("number"),
        text("group_name", nullable=True),
        text("kind"),
        text("head_name", nullable=True),
        json("facts"),
        integer("sequence"),
    )
    op.create_table(
        "monitored",
        *placed(),
        sa.Column("household_id", sa.Uuid(), nullable=False, index=True),
        text("category"),
        text("status"),
        text("contact", nullable=True),
        day("tagged_on"),
        day("eliminated_on", nullable=True),
        json("episodes"),
        integer("sequence"),
    )


def create_campaigns() -> None:
    """Campaigns, and the towns' own schedules."""
    op.create_table(
        "campaign",
        *placed(),
        sa.Column("division_end", sa.String(12, collation="C"), nullable=False),
        *recorded(),
        text("name"),
        integer("year"),
        text("checklist"),
        day("starts_on"),
        day("ends_on"),
        text("status"),
        json("phases"),
    )
    op.create_table(
        "schedule",
        *placed(),
        sa.Column("division_end", sa.String(12, collation="C"), nullable=False),
        *recorded(),
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        json("phases"),
        sa.UniqueConstraint("campaign_id", "division_code", name="uq_schedule_campaign_id_division_code"),
    )


def create_visits() -> None:
    """Visits, and which households have been visited."""
    op.create_table(
        "visit",
        *placed(),
        *recorded(),
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("household_id", sa.Uuid(), nullable=False, index=True),
        sa.Column("visited_at", sa.DateTime(timezone=True), nullable=False),
        text("officer"),
        sa.Column("first", sa.Boolean(), nullable=False),
        json("answers"),
        json("signals"),
        json("corrections"),
        json("finding_ids"),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
    )
    op.create_index("ix_visit_campaign_id_division_code", "visit", ["campaign_id", "division_code"])
    op.create_table(
        "coverage",
        sa.Column("campaign_id", sa.Uuid(), primary_key=True),
        sa.Column("household_id", sa.Uuid(), primary_key=True),
        sa.Column("division_code", sa.String(12, collation="C"), nullable=False, index=True),
        sa.Column("visit_id", sa.Uuid(), nullable=False),
    )


def create_findings() -> None:
    """The findings ledger."""
    op.create_table(
        "finding",
        *placed(),
        *recorded(),
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        *(text(name) for name in ("item", "object_kind", "object_name", "facts", "severity", "source")),
        sa.Column("household_id", sa.Uuid(), index=True),
        sa.Column("member_id", sa.Uuid()),
        sa.Column("visit_id", sa.Uuid()),
        *(text(name) for name in ("status", "raised_by")),
        *(text(name, nullable=True) for name in ("measures", "responsible_unit", "responsible_person")),
        *(text(name, nullable=True) for name in ("rectification", "rectified_by", "rectified_by_name")),
        *(text(name, nullable=True) for name in ("verified_by_name", "reason")),
        *(day(name) for name in ("raised_on", "deadline_on")),
        *(day(name, nullable=True) for name in ("planned_on", "rectified_on", "closed_on")),
        json("evidence"),
        sa.Column("on_the_spot", sa.Boolean(), nullable=False),
        *(integer(name) for name in ("returned", "reopened")),
        sa.CheckConstraint(
            "(status = 'closed') = (closed_on IS NOT NULL)", name="ck_finding_closed_with_date"
        ),
    )
    op.create_index("ix_finding_campaign_id_division_code", "finding", ["campaign_id", "division_code"])


def placed() -> list[sa.Column[Any]]:
    """Key and place."""
    return [
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("division_code", sa.String(12, collation="C"), nullable=False, index=True),
    ]


def recorded() -> list[sa.Column[Any]]:
    """The stamp of a version."""
    return [
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column(
            "changed_at", sa.DateTime(timezone=True), server_default=sa.text("fangfan_now()"), nullable=False
        ),
        sa.Column("changed_by", sa.String(), server_default=sa.text("fangfan_actor()"), nullable=False),
        sa.Column("change_reason", sa.String(), server_default=sa.text("fangfan_reason()"), nullable=False),
    ]


def text(name: str, *, nullable: bool = False) -> sa.Column[str]:
    """Words or a code."""
    return sa.Column(name, sa.String(), nullable=nullable)


def day(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    """A date."""
    return sa.Column(name, sa.Date(), nullable=nullable)


def integer(name: str) -> sa.Column[int]:
    """A count or a version."""
    return sa.Column(name, sa.Integer(), nullable=False)


def json(name: str) -> sa.Column[Any]:
    """A document that is read and written as a whole."""
    return sa.Column(name, JSONB(), nullable=False)
