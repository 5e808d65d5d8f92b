"""A glance: one query on the driver itself, for the few documents that everybody asks for all day.

Reading a household as entities costs its process six times as much (``docs/performance.md``). What a glance gives up is
all that is mapped: its SQL is written out, and ``opened`` turns its rows into fields. The walls are the same: it is
read-only, limited to the caller's area, and runs on a connection of the same pool.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import asyncpg
from sqlalchemy import Table
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import SQLModel

from shared.crypto.fields import EncryptedText, ring
from shared.database.scope import SET_SCOPE, Scope

#: The driver's own words for a connection that is gone.
_LOST = (asyncpg.PostgresConnectionError, asyncpg.InterfaceError, ConnectionError)


async def glance(
    engine: AsyncEngine, scope: Scope, sql: str, values: tuple[Any, ...]
) -> list[asyncpg.Record]:
    """Return a query's rows; ``values`` stand for ``$1``, ``$2`` … in it."""
    pooled = await engine.raw_connection()
    try:
        driver: asyncpg.Connection = pooled.driver_connection
        async with driver.transaction(readonly=True):
            await driver.fetchrow(SET_SCOPE, *scope.parameters().values())
            return list(await driver.fetch(sql, *values))
    except _LOST:
        # Not given back: the next caller would find it closed.
        pooled.invalidate()
        raise
    finally:
        pooled.close()


def opened(model: type[SQLModel], row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row of a model's table as its entity would hold it: encrypted columns in the clear."""
    contexts = _contexts(model)
    return {
        name: ring().decrypt(value, contexts[name]) if value is not None and name in contexts else value
        for name, value in row.items()
    }


@cache
def _contexts(model: type[SQLModel]) -> dict[str, str]:
    """Return under which context each encrypted column of a model was encrypted."""
    table: Table = model.__table__  # type: ignore[attr-defined]
    return {
        column.name: column.type.context for column in table.columns if isinstance(column.type, EncryptedText)
    }
