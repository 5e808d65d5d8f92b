"""Monitoring's database in shards: its tables in parts by hash, and plans that tell which of them a statement asks.

PostgreSQL asks only those parts that a statement's keys lie in, as a distributed one asks only those machines.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import asyncpg
import orjson
from alembic import op
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import Connection, event
from sqlalchemy.ext.asyncio import create_async_engine

from shared.database import Database
from shared.database.migrating import fill_below_the_wall
from tests.infrastructure.databases import ServiceDatabase

SHARDS = 16
#: By what the tables of comparisons, and those that they ask, are spread (ADR 0038): the others are on every machine.
SPREAD = {
    "comparison_part": "comparison_id",
    "comparison_page": "comparison_id",
    "comparison_block": "comparison_id",
    "comparison_result": "comparison_id",
    "comparison_reject": "comparison_id",
    "comparison_refused": "comparison_id",
    "comparison_retraction": "comparison_id",
    "comparison_alert": "subject_id",
    "comparison_verdict": "subject_id",
    "comparison_correction": "id",
    "household_replica": "id",
    "household_past": "household_id",
    "person_replica": "household_id",
    "person_change": "household_id",
}
_FILLED_BELOW_THE_WALL = ("comparison_block", "comparison_result", "comparison_reject")
#: What makes PostgreSQL tell the plan of each statement to whoever sent it.
_TELL_PLANS = {
    "session_preload_libraries": "auto_explain",
    "auto_explain.log_min_duration": "0",
    "auto_explain.log_format": "json",
    "auto_explain.log_level": "notice",
}


async def spread(database: ServiceDatabase) -> None:
    """Put each table's rows into shards; keys that do not tell the shard are refused here, as they would be there."""
    owner = create_async_engine(database.owner_url)
    async with owner.begin() as connection:
        await connection.run_sync(_spread_all)
    await owner.dispose()


async def tell_plans(database: ServiceDatabase) -> None:
    """Let connections from now on tell the plans of what they send."""
    admin = await asyncpg.connect(database.admin_url)
    try:
        for name, value in _TELL_PLANS.items():
            await admin.execute(f"ALTER DATABASE {database.name} SET {name} = '{value}'")
    finally:
        await admin.close()


def _spread_all(connection: Connection) -> None:
    with Operations.context(MigrationContext.configure(connection)):
        for table, column in SPREAD.items():
            if table in _FILLED_BELOW_THE_WALL:
                rows = f"{table}_rows"
                op.execute(f"ALTER TABLE {table} DETACH PARTITION {rows}")
                _replace(rows, column)
                fill_below_the_wall(table, rows)
            else:
                walls = list(_walls(connection, table))
                _replace(table, column)
                for wall in walls:
                    connection.exec_driver_sql(wall)


def _walls(connection: Connection, table: str) -> Iterator[str]:
    """Yield the statements that make a table's triggers and policies again."""
    yield from connection.exec_driver_sql(
        f"""
        SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE tgrelid = '{table}'::regclass AND NOT tgisinternal
        UNION ALL
        SELECT 'ALTER TABLE {table} ENABLE ROW LEVEL SECURITY' FROM pg_class
        WHERE oid = '{table}'::regclass AND relrowsecurity
        UNION ALL
        SELECT format('CREATE POLICY %I ON {table} FOR %s', policyname, cmd)
            || coalesce(' USING (' || qual || ')', '') || coalesce(' WITH CHECK (' || with_check || ')', '')
        FROM pg_policies WHERE tablename = '{table}'
        """  # noqa: S608 - names of tables
    ).scalars()


def _replace(table: str, column: str) -> None:
    op.execute(f"ALTER TABLE {table} RENAME TO {table}_whole")
    op.execute(f"CREATE TABLE {table} (LIKE {table}_whole INCLUDING ALL) PARTITION BY HASH ({column})")
    for shard in range(SHARDS):
        values = f"WITH (MODULUS {SHARDS}, REMAINDER {shard})"
        op.execute(f"CREATE TABLE {table}_shard_{shard} PARTITION OF {table} FOR VALUES {values}")
    op.execute(f"DROP TABLE {table}_whole")


@dataclass(frozen=True)
class Asked:
    """A statement that was sent, and which shards of which tables it asked."""

    sql: str
    shards: Mapping[str, frozenset[int]]


@asynccontextmanager
async def asked(database: Database) -> AsyncIterator[list[Asked]]:
    """Collect what is sent inside the block, with the plans that PostgreSQL makes of it."""
    plans: list[Asked] = []

    def listen(connection: Any, _record: object) -> None:
        connection.driver_connection.add_log_listener(lambda _from, told: plans.extend(_plan(told.message)))

    event.listen(database.engine.sync_engine, "connect", listen)
    # Who is connected already tells nobody, and nobody tells afterwards.
    await database.dispose()
    try:
        yield plans
    finally:
        event.remove(database.engine.sync_engine, "connect", listen)
        await database.dispose()


def _plan(message: str) -> Iterator[Asked]:
    _, is_plan, told = message.partition("plan:\n")
    if is_plan:
        plan = orjson.loads(told)
        shards: defaultdict[str, set[int]] = defaultdict(set)
        for relation in _relations(plan["Plan"]):
            if of_shard := re.fullmatch(r"(\w+?)(?:_rows)?_shard_(\d+)", relation):
                shards[of_shard[1]].add(int(of_shard[2]))
        yield Asked(plan["Query Text"], {table: frozenset(each) for table, each in shards.items()})


def _relations(node: Mapping[str, Any]) -> Iterator[str]:
    if "Relation Name" in node:
        yield node["Relation Name"]
    for below in node.get("Plans", ()):
        yield from _relations(below)
