"""A twin of a service's tables: same columns, same indexes, and nothing of ours: no policy, no trigger, no role."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from urllib.parse import urlsplit, urlunsplit

import asyncpg

_COLUMNS = """
    SELECT quote_ident(attname) || ' ' || format_type(atttypid, atttypmod)
           || CASE WHEN attcollation <> 0 AND collname = 'C' THEN ' COLLATE "C"' ELSE '' END
           || CASE WHEN attnotnull THEN ' NOT NULL' ELSE '' END
    FROM pg_attribute LEFT JOIN pg_collation ON pg_collation.oid = attcollation
    WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum
"""
_INDEXES = "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename = $1"


def database_url(admin_url: str, database: str) -> str:
    """Return the administrator's URL of another database."""
    return urlunsplit(urlsplit(admin_url)._replace(path=f"/{database}"))


async def create_database(admin_url: str, database: str) -> str:
    """Create a database in which text is ordered as in ours; returns its URL."""
    admin = await asyncpg.connect(admin_url)
    try:
        await admin.execute(
            f"CREATE DATABASE {database} TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C.UTF-8'"
        )
    finally:
        await admin.close()
    return database_url(admin_url, database)


async def make_twin(source: asyncpg.Connection, target: asyncpg.Connection, tables: Sequence[str]) -> None:
    """Create empty twins of tables, with their indexes."""
    for table in tables:
        columns = [row[0] for row in await source.fetch(_COLUMNS, table)]
        await target.execute(f'CREATE TABLE "{table}" ({", ".join(columns)})')
        for row in await source.fetch(_INDEXES, table):
            await target.execute(row["indexdef"])


async def copy_out(source: asyncpg.Connection, query: str) -> bytes:
    """Return the result of a query as COPY writes it."""
    rows = BytesIO()
    await source.copy_from_query(query, output=rows)
    return rows.getvalue()


async def copy_in(target: asyncpg.Connection, table: str, rows: bytes) -> None:
    """COPY them into the twin."""
    await target.copy_to_table(table, source=BytesIO(rows))
