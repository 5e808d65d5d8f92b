"""Names in letters, and phones by their index, ready to be searched."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shared.database.migrating import limit_to_area, wait_briefly_for_locks
from shared.domain.pinyin import initials, pinyin

revision = "2026_12_03_search"
down_revision = "2026_12_01_incomes_by_kind"
branch_labels = None
depends_on = None

_FILL = sa.text(
    """
    INSERT INTO member_letters (member_id, household_id, division_code, pinyin, initials)
    SELECT id, household_id, division_code, :pinyin, :initials FROM member WHERE name = :name
    """
)


def upgrade() -> None:
    """Expand, and write the letters of everybody who is there."""
    wait_briefly_for_locks()
    op.create_table(
        "member_letters",
        sa.Column("division_code", sa.String(length=12, collation="C"), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("pinyin", sa.String(collation="C"), nullable=False),
        sa.Column("initials", sa.String(collation="C"), nullable=False),
        sa.PrimaryKeyConstraint("member_id", name=op.f("pk_member_letters")),
    )
    connection = op.get_bind()
    names = connection.scalars(sa.text("SELECT DISTINCT name FROM member")).all()
    for name in names:
        connection.execute(_FILL, {"name": name, "pinyin": pinyin(name), "initials": initials(name)})
    op.create_index("ix_member_letters_pinyin", "member_letters", ["pinyin", "member_id"])
    op.create_index("ix_member_letters_initials", "member_letters", ["initials", "member_id"])
    op.create_index(op.f("ix_member_letters_household_id"), "member_letters", ["household_id"])
    op.create_index(op.f("ix_member_letters_division_code"), "member_letters", ["division_code"])
    op.create_index("ix_member_name_id", "member", ["name", "id"])
    op.create_index(op.f("ix_member_mobile_index"), "member", ["mobile_index"])
    op.create_index(op.f("ix_household_phone_index"), "household", ["phone_index"])
    limit_to_area("member_letters")
