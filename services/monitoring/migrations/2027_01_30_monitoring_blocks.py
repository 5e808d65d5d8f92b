"""Outcomes stand in blocks of columns; rows remain what a person may decide on. One view tells of both."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

from shared.database.migrating import WITHIN_AREA, fill_below_the_wall, limit_to_area, wait_briefly_for_locks

revision = "2027_01_30_monitoring_blocks"
down_revision = "2027_01_28_monitoring_columns"
branch_labels = None
depends_on = None

_ARRAYS = {
    "line": sa.Integer,
    "division": sa.Text,
    "number_index": sa.LargeBinary,
    "household": sa.Uuid,
    "member": sa.Uuid,
    "amount": sa.BigInteger,
    "quantity": sa.BigInteger,
    "happened_on": sa.Date,
}
_WORDS = ("kind", "note", "more")
#: What stands for no figure and no day is what ``batches/rows.py`` says.
_VIEW = """
    CREATE VIEW comparison_outcome WITH (security_barrier) AS
    SELECT * FROM (
        SELECT comparison_id, line, line AS from_line, line AS to_line, division_code, outcome, match, number_index,
            household_id, member_id, amount, quantity, happened_on, kind, note, more
        FROM comparison_result
        UNION ALL
        SELECT block.comparison_id, said.line, block.from_line, block.to_line,
            CAST(coalesce(said.division, block.division_code) AS varchar(12)) COLLATE "C", block.outcome, block.match,
            said.number_index, said.household, said.member,
            CAST(CAST(nullif(said.amount, -9223372036854775808) AS numeric) * 0.01 AS numeric(14, 2)),
            CAST(CAST(nullif(said.quantity, -9223372036854775808) AS numeric) * 0.01 AS numeric(14, 2)),
            nullif(said.happened_on, '-infinity'), CAST(said.kind AS varchar), CAST(said.note AS varchar),
            CAST(said.more AS jsonb)
        FROM comparison_block block CROSS JOIN LATERAL ROWS FROM (
            unnest(block.line), unnest(block.division), unnest(block.number_index), unnest(block.household),
            unnest(block.member), unnest(block.amount), unnest(block.quantity), unnest(block.happened_on),
            string_to_table(block.kind, E'\\x1f', ''), string_to_table(block.note, E'\\x1f', ''),
            string_to_table(block.more, E'\\x1f', '')
        ) said (line, division, number_index, household, member, amount, quantity, happened_on, kind, note, more)
    ) told
    WHERE {within}
    """


def upgrade() -> None:
    """Expand: batches that came before stand in rows, of which rules add up as before there were columns.

    ``comparison_matched`` has been in no release.
    """
    wait_briefly_for_locks()
    op.create_table(
        "comparison_block_rows",
        sa.Column("comparison_id", sa.Uuid(), nullable=False),
        sa.Column("part", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("division_code", sa.String(12, collation="C"), nullable=False),
        sa.Column("from_line", sa.Integer(), nullable=False),
        sa.Column("to_line", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("match", sa.String()),
        *(sa.Column(name, ARRAY(kind()), nullable=name != "line") for name, kind in _ARRAYS.items()),
        *(sa.Column(name, sa.String()) for name in _WORDS),
        sa.PrimaryKeyConstraint("comparison_id", "part", "number"),
    )
    for name in (*_ARRAYS, *_WORDS):
        # Ids are random, and to compress the rest takes longer than to write it.
        op.execute(f"ALTER TABLE comparison_block_rows ALTER COLUMN {name} SET STORAGE EXTERNAL")
    op.execute(
        "CREATE TABLE comparison_block (LIKE comparison_block_rows INCLUDING STORAGE, "
        "CONSTRAINT pk_comparison_block PRIMARY KEY (comparison_id, part, number)) PARTITION BY RANGE (comparison_id)"
    )
    fill_below_the_wall("comparison_block", "comparison_block_rows")
    limit_to_area("comparison_block")
    op.execute(_VIEW.format(within=WITHIN_AREA))
    op.drop_table("comparison_matched")
