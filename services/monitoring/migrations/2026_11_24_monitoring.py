"""Clues, cases, monitored objects, assistance, and the replicas that they need."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from shared.database.migrating import keep_history, limit_to_area, wait_briefly_for_locks

revision = "2026_11_24_monitoring"
down_revision = None
branch_labels = None
depends_on = "2026_11_23_infrastructure"


def upgrade() -> None:
    """Expand."""
    wait_briefly_for_locks()
    create_replicas()
    create_clues()
    create_cases()
    create_monitored()
    create_assistance()
    limit_to_area("household_replica", "person_replica", "clue", "identification_case", "case_entry")
    limit_to_area("monitored_object", "risk_episode", "elimination", "retagging", "plan", "measure")
    keep_history("clue", "identification_case", "monitored_object", "plan", "measure")
    keep_history("risk_episode", "elimination", "retagging", root="monitored_id")


def create_replicas() -> None:
    """What is learned from the events of others."""
    op.create_table(
        "division",
        division("code", primary_key=True),
        text("name"),
        text("level"),
        division("parent_code", nullable=True),
        integer("sequence"),
    )
    op.create_table(
        "household_replica",
        *placed(),
        text("number"),
        text("group_name", nullable=True),
        text("kind"),
        integer("lifted_year", nullable=True),
        text("head_name", nullable=True),
        flag("minimum_living"),
        flag("destitute"),
        text("housing_grade", nullable=True),
        flag("water_safe", nullable=True),
        integer("income_year", nullable=True),
        yuan("income_per_capita", nullable=True),
        integer("member_count"),
        integer("sequence"),
    )
    op.create_table(
        "person_replica",
        place(),
        key("household_id", primary_key=True),
        key("member_id", primary_key=True),
        octets("number_index", nullable=True, index=True),
        text("name"),
        text("sex", nullable=True),
        day("birth_date", nullable=True),
        text("relationship"),
        words("health"),
        text("disability_kind", nullable=True),
        text("disability_grade", nullable=True),
        text("education", nullable=True),
        text("school_status", nullable=True),
        text("labour", nullable=True),
        text("work_place", nullable=True),
        integer("work_months", nullable=True),
        flag("medical_insurance", nullable=True),
        day("left_on", nullable=True),
        text("leave_reason", nullable=True),
    )


def create_clues() -> None:
    """Clues."""
    op.create_table(
        "clue",
        *placed(),
        key("household_id", index=True),
        key("member_id", nullable=True),
        text("risk_type"),
        text("status"),
        day("received_on"),
        day("due_on"),
        json("sources"),
        json("evidence"),
        day("settled_on", nullable=True),
        text("settled_by", nullable=True),
        text("settled_by_name", nullable=True),
        text("verdict", nullable=True),
        key("case_id", nullable=True, index=True),
        key("monitored_id", nullable=True),
        *recorded(),
        sa.CheckConstraint(
            "(status = 'received') = (settled_on IS NULL)", name=op.f("ck_clue_settled_with_date")
        ),
    )
    op.create_index(
        "ix_clue_unsettled", "clue", ["division_code"], postgresql_where=sa.text("status = 'received'")
    )


def create_cases() -> None:
    """Identification."""
    op.create_table(
        "identification_case",
        *placed(),
        key("household_id"),
        key("clue_id"),
        text("step"),
        text("status"),
        flag("green_channel"),
        day("opened_on"),
        day("stepped_on"),
        day("due_on"),
        day("procedure_due_on"),
        day("closed_on", nullable=True),
        json("risks"),
        json("judgement"),
        text("category", nullable=True),
        json("checked_by"),
        text("reviewed_by", nullable=True),
        text("approved_by", nullable=True),
        key("monitored_id", nullable=True),
        text("reason", nullable=True),
        *recorded(),
        sa.CheckConstraint(
            "(status = 'open') = (closed_on IS NULL)", name=op.f("ck_identification_case_closed_with_date")
        ),
    )
    op.create_index(
        "ix_identification_case_open",
        "identification_case",
        ["household_id"],
        postgresql_where=sa.text("status = 'open'"),
    )
    op.create_table(
        "case_entry",
        *placed(),
        key("case_id", index=True),
        text("entry"),
        day("happened_on"),
        moment("entered_at"),
        text("by"),
        text("by_name"),
        day("due_on"),
        json("content"),
        json("evidence"),
    )


def create_monitored() -> None:
    """Monitored objects, their risks, and the procedures about them."""
    op.create_table(
        "monitored_object",
        *placed(),
        key("household_id", index=True),
        text("category"),
        text("status"),
        day("tagged_on"),
        words("open_risks"),
        day("eliminated_on", nullable=True),
        integer("retagged"),
        flag("green_channel"),
        text("contact_name", nullable=True),
        text("contact_unit", nullable=True),
        day("contact_on", nullable=True),
        text("closure", nullable=True),
        text("reason", nullable=True),
        day("stepped_on"),
        integer("steps"),
        *recorded(),
        sa.CheckConstraint(
            "(status IN ('eliminated', 'retag_candidate')) = (eliminated_on IS NOT NULL)",
            name=op.f("ck_monitored_object_eliminated_with_date"),
        ),
        sa.CheckConstraint(
            "(status IN ('monitored', 'elimination_proposed', 'elimination_withheld')) = (open_risks <> '{}')",
            name=op.f("ck_monitored_object_open_risk_while_under_watch"),
        ),
    )
    op.create_table(
        "risk_episode",
        *placed(),
        key("monitored_id", index=True),
        integer("rank"),
        text("risk_type"),
        key("member_id", nullable=True),
        text("disaster_kind", nullable=True),
        text("cause"),
        json("evidence"),
        json("judgement"),
        text("origin"),
        day("tagged_on"),
        flag("retagged"),
        day("eliminated_on", nullable=True),
        text("elimination", nullable=True),
        *recorded(),
    )
    op.create_table(
        "elimination",
        *placed(),
        key("monitored_id", index=True),
        text("stage"),
        text("how"),
        json("facts"),
        json("judgement"),
        json("evidence"),
        day("proposed_on"),
        text("proposed_by"),
        text("proposed_by_name"),
        day("reviewed_on", nullable=True),
        text("reviewed_by", nullable=True),
        text("reviewed_by_name", nullable=True),
        text("review", nullable=True),
        day("decided_on", nullable=True),
        text("decided_by", nullable=True),
        text("decided_by_name", nullable=True),
        text("decision", nullable=True),
        *recorded(),
    )
    op.create_table(
        "retagging",
        *placed(),
        key("monitored_id", index=True),
        text("stage"),
        key("clue_id", nullable=True),
        text("risk_type"),
        key("member_id", nullable=True),
        text("disaster_kind", nullable=True),
        text("cause"),
        json("evidence"),
        day("verified_on"),
        text("verified_by"),
        text("verified_by_name"),
        day("decided_on", nullable=True),
        text("decided_by", nullable=True),
        text("decided_by_name", nullable=True),
        text("decision", nullable=True),
        *recorded(),
    )


def create_assistance() -> None:
    """Plans and measures."""
    op.create_table(
        "plan",
        *placed(),
        key("monitored_id", index=True),
        day("made_on"),
        text("made_by"),
        text("situation"),
        text("goal"),
        text("approach"),
        flag("agreed"),
        *recorded(),
    )
    op.create_table(
        "measure",
        *placed(),
        key("monitored_id", index=True),
        key("household_id"),
        key("member_id", nullable=True),
        text("kind"),
        text("risk_type", nullable=True),
        text("description"),
        text("status"),
        day("planned_on"),
        day("started_on", nullable=True),
        day("done_on", nullable=True),
        text("fund_source", nullable=True),
        yuan("funds_planned", nullable=True),
        yuan("funds_paid", nullable=True),
        integer("term_months", nullable=True),
        text("progress", nullable=True),
        text("effect", nullable=True),
        text("reason", nullable=True),
        json("evidence"),
        *recorded(),
        sa.CheckConstraint(
            "(status = 'done') = (done_on IS NOT NULL)", name=op.f("ck_measure_done_with_date")
        ),
    )


def place() -> sa.Column[Any]:
    """Where a row belongs."""
    return sa.Column("division_code", sa.String(12, collation="C"), nullable=False, index=True)


def placed() -> list[sa.Column[Any]]:
    """Key and place."""
    return [sa.Column("id", sa.Uuid(), primary_key=True), place()]


def recorded() -> list[sa.Column[Any]]:
    """The stamp of a version."""
    return [
        integer("version", server_default="1"),
        moment("changed_at", server_default=sa.text("fangfan_now()")),
        text("changed_by", server_default=sa.text("fangfan_actor()")),
        text("change_reason", server_default=sa.text("fangfan_reason()")),
    ]


def key(name: str, **options: Any) -> sa.Column[Any]:
    """The id of a row, here or elsewhere."""
    return column(name, sa.Uuid(), options)


def text(name: str, **options: Any) -> sa.Column[Any]:
    """Words or a code."""
    return column(name, sa.String(), options)


def words(name: str, **options: Any) -> sa.Column[Any]:
    """Codes."""
    return column(name, ARRAY(sa.String()), options)


def day(name: str, **options: Any) -> sa.Column[Any]:
    """A date."""
    return column(name, sa.Date(), options)


def moment(name: str, **options: Any) -> sa.Column[Any]:
    """An instant."""
    return column(name, sa.DateTime(timezone=True), options)


def integer(name: str, **options: Any) -> sa.Column[Any]:
    """A count or a version."""
    return column(name, sa.Integer(), options)


def flag(name: str, **options: Any) -> sa.Column[Any]:
    """Yes or no."""
    return column(name, sa.Boolean(), options)


def yuan(name: str, **options: Any) -> sa.Column[Any]:
    """Money."""
    return column(name, sa.Numeric(14, 2), options)


def octets(name: str, **options: Any) -> sa.Column[Any]:
    """A blind index."""
    return column(name, sa.LargeBinary(), options)


def division(name: str, **options: Any) -> sa.Column[Any]:
    """A division code that is not the row's place."""
    return column(name, sa.String(12, collation="C"), options)


def json(name: str, **options: Any) -> sa.Column[Any]:
    """A document that is read and written as a whole."""
    return column(name, JSONB(), options)


def column(name: str, kind: Any, options: dict[str, Any]) -> sa.Column[Any]:
    """A column that is filled, unless ``options`` say otherwise."""
    return sa.Column(name, kind, **({"nullable": False} | options))
