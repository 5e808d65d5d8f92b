"""Divisions, households and their members, incomes, imports."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from shared.database.migrating import keep_history, limit_to_area, wait_briefly_for_locks

revision = "2026_11_23_household_registry"
down_revision = None
branch_labels = None
depends_on = "2026_11_23_infrastructure"


def upgrade() -> None:
    """Expand."""
    wait_briefly_for_locks()
    op.create_table(
        "division",
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column(
            "changed_at", sa.DateTime(timezone=True), server_default=sa.text("fangfan_now()"), nullable=False
        ),
        sa.Column("changed_by", sa.String(), server_default=sa.text("fangfan_actor()"), nullable=False),
        sa.Column("change_reason", sa.String(), server_default=sa.text("fangfan_reason()"), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=12, collation="C"), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("level", sa.String(), nullable=False),
        sa.Column("parent_code", sa.String(length=12, collation="C"), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_division")),
        sa.UniqueConstraint("code", name=op.f("uq_division_code")),
    )
    op.create_index(op.f("ix_division_parent_code"), "division", ["parent_code"], unique=False)
    op.create_table(
        "household",
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column(
            "changed_at", sa.DateTime(timezone=True), server_default=sa.text("fangfan_now()"), nullable=False
        ),
        sa.Column("changed_by", sa.String(), server_default=sa.text("fangfan_actor()"), nullable=False),
        sa.Column("change_reason", sa.String(), server_default=sa.text("fangfan_reason()"), nullable=False),
        sa.Column("division_code", sa.String(length=12, collation="C"), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("group_name", sa.String(), nullable=True),
        sa.Column("address", sa.String(), nullable=True),
        sa.Column("phone", sa.LargeBinary(), nullable=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("lifted_year", sa.Integer(), nullable=True),
        sa.Column("main_cause", sa.String(), nullable=True),
        sa.Column("minimum_living", sa.Boolean(), nullable=False),
        sa.Column("destitute", sa.Boolean(), nullable=False),
        sa.Column("housing_grade", sa.String(), nullable=True),
        sa.Column("water_safe", sa.Boolean(), nullable=True),
        sa.Column("arable_mu", sa.Numeric(precision=8, scale=2), nullable=True),
        sa.Column("relocated", sa.Boolean(), nullable=False),
        sa.Column("official_name", sa.String(), nullable=True),
        sa.Column("official_unit", sa.String(), nullable=True),
        sa.Column("official_phone", sa.LargeBinary(), nullable=True),
        sa.Column("head_name", sa.String(), nullable=True),
        sa.Column("member_count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_household")),
    )
    op.create_index(op.f("ix_household_division_code"), "household", ["division_code"], unique=False)
    op.create_index(op.f("ix_household_head_name"), "household", ["head_name"], unique=False)
    op.create_index(op.f("ix_household_number"), "household", ["number"], unique=False)
    op.create_table(
        "household_import",
        sa.Column("division_code", sa.String(length=12, collation="C"), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("filename", sa.String(), nullable=False),
        sa.Column("mode", sa.String(), nullable=False),
        sa.Column("job_id", sa.Uuid(), nullable=True),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("figures", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_household_import")),
    )
    op.create_index(
        op.f("ix_household_import_division_code"), "household_import", ["division_code"], unique=False
    )
    op.create_index(
        "uq_household_import_owner_digest_mode", "household_import", ["owner", "digest", "mode"], unique=True
    )
    op.create_table(
        "import_person",
        sa.Column("import_id", sa.Uuid(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("household_number", sa.String(), nullable=False),
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("division_code", sa.String(length=12, collation="C"), nullable=False),
        sa.Column("group_name", sa.String(), nullable=True),
        sa.Column("address", sa.String(), nullable=True),
        sa.Column("phone", sa.LargeBinary(), nullable=True),
        sa.Column("kind", sa.String(), nullable=True),
        sa.Column("lifted_year", sa.Integer(), nullable=True),
        sa.Column("minimum_living", sa.Boolean(), nullable=True),
        sa.Column("destitute", sa.Boolean(), nullable=True),
        sa.Column("housing_grade", sa.String(), nullable=True),
        sa.Column("water_safe", sa.Boolean(), nullable=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("identity_number", sa.LargeBinary(), nullable=True),
        sa.Column("number_index", sa.LargeBinary(), nullable=True),
        sa.Column("sex", sa.String(), nullable=True),
        sa.Column("birth_date", sa.Date(), nullable=True),
        sa.Column("relationship", sa.String(), nullable=False),
        sa.Column("ethnic_group", sa.String(), nullable=True),
        sa.Column("education", sa.String(), nullable=True),
        sa.Column("school_status", sa.String(), nullable=True),
        sa.Column("health", postgresql.ARRAY(sa.String()), nullable=True),
        sa.Column("disability_kind", sa.String(), nullable=True),
        sa.Column("disability_grade", sa.String(), nullable=True),
        sa.Column("labour", sa.String(), nullable=True),
        sa.Column("work_place", sa.String(), nullable=True),
        sa.Column("work_months", sa.Integer(), nullable=True),
        sa.Column("medical_insurance", sa.Boolean(), nullable=True),
        sa.PrimaryKeyConstraint("import_id", "line", name=op.f("pk_import_person")),
    )
    op.create_index(
        "ix_import_person_import_id_household_id",
        "import_person",
        ["import_id", "household_id"],
        unique=False,
    )
    op.create_table(
        "import_reject",
        sa.Column("division_code", sa.String(length=12, collation="C"), nullable=False),
        sa.Column("import_id", sa.Uuid(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("header", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.Column("household_number", sa.String(), nullable=False),
        sa.Column("is_head", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("import_id", "line", "code", "header", name=op.f("pk_import_reject")),
    )
    op.create_index(op.f("ix_import_reject_division_code"), "import_reject", ["division_code"], unique=False)
    op.create_table(
        "income",
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column(
            "changed_at", sa.DateTime(timezone=True), server_default=sa.text("fangfan_now()"), nullable=False
        ),
        sa.Column("changed_by", sa.String(), server_default=sa.text("fangfan_actor()"), nullable=False),
        sa.Column("change_reason", sa.String(), server_default=sa.text("fangfan_reason()"), nullable=False),
        sa.Column("division_code", sa.String(length=12, collation="C"), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("wage", sa.Numeric(precision=14, scale=2), nullable=False),
        sa.Column("business", sa.Numeric(precision=14, scale=2), nullable=False),
        sa.Column("property", sa.Numeric(precision=14, scale=2), nullable=False),
        sa.Column("transfer", sa.Numeric(precision=14, scale=2), nullable=False),
        sa.Column("production_cost", sa.Numeric(precision=14, scale=2), nullable=False),
        sa.Column("sharers", sa.Integer(), nullable=False),
        sa.Column("per_capita", sa.Numeric(precision=14, scale=2), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_income")),
        info={"root": "household_id"},
    )
    op.create_index(op.f("ix_income_division_code"), "income", ["division_code"], unique=False)
    op.create_index("uq_income_household_id_year", "income", ["household_id", "year"], unique=True)
    op.create_table(
        "member",
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column(
            "changed_at", sa.DateTime(timezone=True), server_default=sa.text("fangfan_now()"), nullable=False
        ),
        sa.Column("changed_by", sa.String(), server_default=sa.text("fangfan_actor()"), nullable=False),
        sa.Column("change_reason", sa.String(), server_default=sa.text("fangfan_reason()"), nullable=False),
        sa.Column("division_code", sa.String(length=12, collation="C"), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("identity_number", sa.LargeBinary(), nullable=True),
        sa.Column("number_index", sa.LargeBinary(), nullable=True),
        sa.Column("sex", sa.String(), nullable=True),
        sa.Column("birth_date", sa.Date(), nullable=True),
        sa.Column("relationship", sa.String(), nullable=False),
        sa.Column("ethnic_group", sa.String(), nullable=True),
        sa.Column("political_status", sa.String(), nullable=True),
        sa.Column("education", sa.String(), nullable=True),
        sa.Column("school_status", sa.String(), nullable=True),
        sa.Column("health", postgresql.ARRAY(sa.String()), nullable=False),
        sa.Column("disability_kind", sa.String(), nullable=True),
        sa.Column("disability_grade", sa.String(), nullable=True),
        sa.Column("labour", sa.String(), nullable=True),
        sa.Column("work_place", sa.String(), nullable=True),
        sa.Column("work_months", sa.Integer(), nullable=True),
        sa.Column("medical_insurance", sa.Boolean(), nullable=True),
        sa.Column("joined_on", sa.Date(), nullable=True),
        sa.Column("left_on", sa.Date(), nullable=True),
        sa.Column("leave_reason", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_member")),
        info={"root": "household_id"},
    )
    op.create_index(op.f("ix_member_division_code"), "member", ["division_code"], unique=False)
    op.create_index(op.f("ix_member_household_id"), "member", ["household_id"], unique=False)
    op.create_index("ix_member_name_birth_date", "member", ["name", "birth_date"], unique=False)
    op.create_index(op.f("ix_member_number_index"), "member", ["number_index"], unique=False)
    op.create_table(
        "person_number",
        sa.Column("number_index", sa.LargeBinary(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("number_index", name=op.f("pk_person_number")),
    )
    op.create_index(op.f("ix_person_number_household_id"), "person_number", ["household_id"], unique=False)
    # Divisions are public; numbers are indexes only; staged lines hold ciphertext and are read by the import alone.
    limit_to_area("household", "member", "income", "household_import", "import_reject")
    keep_history("division", "household")
    keep_history("member", "income", root="household_id")
