"""Tallies that triggers keep, so that no command can forget to count: see ADR 0027.

A tally's rows are additions; a schedule folds them. Every statement that changes the counted table adds what
its rows count for now and takes away what they counted for before.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from alembic import op


class Counted(NamedTuple):
    """What of a table's row goes into a tally: keys and measures by column, each an expression over the row."""

    source: str
    tally: str
    keys: Mapping[str, str]
    measures: Mapping[str, str]


#: What each kind of statement adds and takes away.
_CHANGES = {
    "INSERT": (("new_rows", 1),),
    "UPDATE": (("old_rows", -1), ("new_rows", 1)),
    "DELETE": (("old_rows", -1),),
}


def count(*counted: Counted) -> None:
    """Count the rows that are there already."""
    for each in counted:
        op.execute(_adding(each, ((each.source, 1),)))


def keep_counting(*counted: Counted) -> None:
    """Count whatever changes from now on; a table's tallies are named in one call."""
    for source in dict.fromkeys(each.source for each in counted):
        for operation in _CHANGES:
            _keep(source, operation, [each for each in counted if each.source == source])


def _adding(counted: Counted, rows: tuple[tuple[str, int], ...]) -> str:
    """Return the statement that adds and takes away what the rows count for; what is as before adds nothing."""
    columns = [*counted.keys, *counted.measures]
    changes = " UNION ALL ".join(_rows(counted, table, sign) for table, sign in rows)
    keys, measures = ", ".join(counted.keys), list(counted.measures)
    return f"""
        INSERT INTO {counted.tally} ({", ".join(columns)})
        SELECT {keys}, {", ".join(f"sum({name})" for name in measures)} FROM ({changes}) changed
        GROUP BY {keys} HAVING {" OR ".join(f"sum({name}) <> 0" for name in measures)}
    """  # noqa: S608 - all names stand in migrations


def _rows(counted: Counted, table: str, sign: int) -> str:
    keys = [f"{expression} AS {name}" for name, expression in counted.keys.items()]
    measures = [f"{sign} * ({expression}) AS {name}" for name, expression in counted.measures.items()]
    return f"SELECT {', '.join(keys + measures)} FROM {table}"  # noqa: S608 - all names stand in migrations


def _keep(source: str, operation: str, counted: Iterable[Counted]) -> None:
    function = f"tally_{source}_{operation.lower()}"
    statements = "; ".join(_adding(each, _CHANGES[operation]) for each in counted)
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
