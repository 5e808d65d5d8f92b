"""Tallies that every change of findings, visits and households keeps, whoever makes it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import sqlalchemy as sa
from alembic import op

from shared.database.migrating import limit_to_area, wait_briefly_for_locks

revision = "2026_12_09_inspection_tallies"
down_revision = "2026_12_02_inspection_findings"
branch_labels = None
depends_on = None


class Counted(NamedTuple):
    """What of a table's row goes into a tally: keys and measures by column, each an expression over the row."""

    source: str
    tally: str
    keys: Mapping[str, str]
    measures: Mapping[str, str]


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
#: What each kind of statement adds and takes away.
_CHANGES = {
    "INSERT": (("new_rows", 1),),
    "UPDATE": (("old_rows", -1), ("new_rows", 1)),
    "DELETE": (("old_rows", -1),),
}


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
    for counted in _COUNTED:
        op.execute(_adding(counted, ((counted.source, 1),)))
    for source in ("household", "finding", "visit"):
        for operation in _CHANGES:
            _keep_counting(source, operation)


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


def _adding(counted: Counted, rows: tuple[tuple[str, int], ...]) -> str:
    """Return the statement that adds and takes away what the rows count for; what is as before adds nothing."""
    columns = [*counted.keys, *counted.measures]
    changes = " UNION ALL ".join(_rows(counted, table, sign) for table, sign in rows)
    keys, measures = ", ".join(counted.keys), list(counted.measures)
    return f"""
        INSERT INTO {counted.tally} ({", ".join(columns)})
        SELECT {keys}, {", ".join(f"sum({name})" for name in measures)} FROM ({changes}) changed
        GROUP BY {keys} HAVING {" OR ".join(f"sum({name}) <> 0" for name in measures)}
    """  # noqa: S608 - all names stand above


def _rows(counted: Counted, table: str, sign: int) -> str:
    keys = [f"{expression} AS {name}" for name, expression in counted.keys.items()]
    measures = [f"{sign} * ({expression}) AS {name}" for name, expression in counted.measures.items()]
    return f"SELECT {', '.join(keys + measures)} FROM {table}"  # noqa: S608 - all names stand above


def _keep_counting(source: str, operation: str) -> None:
    function = f"tally_{source}_{operation.lower()}"
    statements = "; ".join(_adding(each, _CHANGES[operation]) for each in _COUNTED if each.source == source)
    op.execute(
        f"CREATE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {statements}; RETURN NULL; END $$"
    )
    seen = " ".join(
        f"{table.partition('_')[0].upper()} TABLE AS {table}" for table, _sign in _CHANGES[operation]
    )
    op.execute(
        f"CREATE TRIGGER tally_{operation.lower()} AFTER {operation} ON {source} REFERENCING {seen} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {function}()"
    )
