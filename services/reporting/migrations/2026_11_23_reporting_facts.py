"""The read models: facts in time, and frozen reports."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from shared.database.migrating import keep_history, limit_to_area, wait_briefly_for_locks

revision = "2026_11_23_reporting_facts"
down_revision = None
branch_labels = None
depends_on = "2026_11_23_infrastructure"


def upgrade() -> None:
    """Expand."""
    wait_briefly_for_locks()
    op.create_table(
        "campaign_fact",
        sa.Column("division_code", sa.String(length=12, collation="C"), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_to", sa.DateTime(timezone=True), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("id", "sequence", name=op.f("pk_campaign_fact")),
    )
    op.create_index(
        "ix_campaign_fact_current",
        "campaign_fact",
        ["division_code"],
        unique=False,
        postgresql_where=sa.text("valid_to = '9999-01-01 00:00:00+00'"),
    )
    op.create_index(op.f("ix_campaign_fact_division_code"), "campaign_fact", ["division_code"], unique=False)
    op.create_table(
        "case_fact",
        sa.Column("division_code", sa.String(length=12, collation="C"), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_to", sa.DateTime(timezone=True), nullable=False),
        sa.Column("step", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", "sequence", name=op.f("pk_case_fact")),
    )
    op.create_index(
        "ix_case_fact_current",
        "case_fact",
        ["division_code"],
        unique=False,
        postgresql_where=sa.text("valid_to = '9999-01-01 00:00:00+00'"),
    )
    op.create_index(op.f("ix_case_fact_division_code"), "case_fact", ["division_code"], unique=False)
    op.create_table(
        "clue_fact",
        sa.Column("division_code", sa.String(length=12, collation="C"), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_to", sa.DateTime(timezone=True), nullable=False),
        sa.Column("risk_type", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", "sequence", name=op.f("pk_clue_fact")),
    )
    op.create_index(
        "ix_clue_fact_current",
        "clue_fact",
        ["division_code"],
        unique=False,
        postgresql_where=sa.text("valid_to = '9999-01-01 00:00:00+00'"),
    )
    op.create_index(op.f("ix_clue_fact_division_code"), "clue_fact", ["division_code"], unique=False)
    op.create_table(
        "comparison_fact",
        sa.Column("division_code", sa.String(length=12, collation="C"), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_to", sa.DateTime(timezone=True), nullable=False),
        sa.Column("dataset", sa.String(), nullable=False),
        sa.Column("period", sa.String(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("matched", sa.Integer(), nullable=False),
        sa.Column("mismatched", sa.Integer(), nullable=False),
        sa.Column("unmatched", sa.Integer(), nullable=False),
        sa.Column("invalid", sa.Integer(), nullable=False),
        sa.Column("alerts", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", "sequence", name=op.f("pk_comparison_fact")),
    )
    op.create_index(
        "ix_comparison_fact_current",
        "comparison_fact",
        ["division_code"],
        unique=False,
        postgresql_where=sa.text("valid_to = '9999-01-01 00:00:00+00'"),
    )
    op.create_index(
        op.f("ix_comparison_fact_division_code"), "comparison_fact", ["division_code"], unique=False
    )
    op.create_table(
        "division",
        sa.Column("code", sa.String(length=12, collation="C"), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("level", sa.String(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_division")),
    )
    op.create_table(
        "finding_fact",
        sa.Column("division_code", sa.String(length=12, collation="C"), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_to", sa.DateTime(timezone=True), nullable=False),
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("item", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("raised_on", sa.Date(), nullable=False),
        sa.Column("deadline_on", sa.Date(), nullable=True),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("on_the_spot", sa.Boolean(), nullable=False),
        sa.Column("reopened", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", "sequence", name=op.f("pk_finding_fact")),
    )
    op.create_index(
        "ix_finding_fact_current",
        "finding_fact",
        ["division_code"],
        unique=False,
        postgresql_where=sa.text("valid_to = '9999-01-01 00:00:00+00'"),
    )
    op.create_index(op.f("ix_finding_fact_division_code"), "finding_fact", ["division_code"], unique=False)
    op.create_table(
        "household_fact",
        sa.Column("division_code", sa.String(length=12, collation="C"), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_to", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("members", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", "sequence", name=op.f("pk_household_fact")),
    )
    op.create_index(
        "ix_household_fact_current",
        "household_fact",
        ["division_code"],
        unique=False,
        postgresql_where=sa.text("valid_to = '9999-01-01 00:00:00+00'"),
    )
    op.create_index(
        op.f("ix_household_fact_division_code"), "household_fact", ["division_code"], unique=False
    )
    op.create_table(
        "measure_fact",
        sa.Column("division_code", sa.String(length=12, collation="C"), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_to", sa.DateTime(timezone=True), nullable=False),
        sa.Column("monitored_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", "sequence", name=op.f("pk_measure_fact")),
    )
    op.create_index(
        "ix_measure_fact_current",
        "measure_fact",
        ["division_code"],
        unique=False,
        postgresql_where=sa.text("valid_to = '9999-01-01 00:00:00+00'"),
    )
    op.create_index(op.f("ix_measure_fact_division_code"), "measure_fact", ["division_code"], unique=False)
    op.create_table(
        "monitored_fact",
        sa.Column("division_code", sa.String(length=12, collation="C"), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_to", sa.DateTime(timezone=True), nullable=False),
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("category", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("risk_types", postgresql.ARRAY(sa.String()), nullable=False),
        sa.Column("retagged", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", "sequence", name=op.f("pk_monitored_fact")),
    )
    op.create_index(
        "ix_monitored_fact_current",
        "monitored_fact",
        ["division_code"],
        unique=False,
        postgresql_where=sa.text("valid_to = '9999-01-01 00:00:00+00'"),
    )
    op.create_index(
        op.f("ix_monitored_fact_division_code"), "monitored_fact", ["division_code"], unique=False
    )
    op.create_table(
        "self_inspection",
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column(
            "changed_at", sa.DateTime(timezone=True), server_default=sa.text("fangfan_now()"), nullable=False
        ),
        sa.Column("changed_by", sa.String(), server_default=sa.text("fangfan_actor()"), nullable=False),
        sa.Column("change_reason", sa.String(), server_default=sa.text("fangfan_reason()"), nullable=False),
        sa.Column("division_code", sa.String(length=12, collation="C"), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("as_of", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.Column("content", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_self_inspection")),
    )
    op.create_index(op.f("ix_self_inspection_campaign_id"), "self_inspection", ["campaign_id"], unique=False)
    op.create_index(
        op.f("ix_self_inspection_division_code"), "self_inspection", ["division_code"], unique=False
    )
    op.create_table(
        "visit_fact",
        sa.Column("division_code", sa.String(length=12, collation="C"), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_to", sa.DateTime(timezone=True), nullable=False),
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("failed_items", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", "sequence", name=op.f("pk_visit_fact")),
    )
    op.create_index(
        "ix_visit_fact_current",
        "visit_fact",
        ["division_code"],
        unique=False,
        postgresql_where=sa.text("valid_to = '9999-01-01 00:00:00+00'"),
    )
    op.create_index(op.f("ix_visit_fact_division_code"), "visit_fact", ["division_code"], unique=False)
    # Divisions and campaigns are known to everybody: a town reports on the county's campaign.
    limit_to_area(
        "household_fact",
        "visit_fact",
        "finding_fact",
        "clue_fact",
        "case_fact",
        "monitored_fact",
        "measure_fact",
        "comparison_fact",
        "self_inspection",
    )
    keep_history("self_inspection")
