"""Whose fault a failure is: the event's, or that of a database that is down, restarting or crowded."""

from __future__ import annotations

from collections.abc import Iterator

import asyncpg
from sqlalchemy.exc import DBAPIError, TimeoutError as PoolTimeout

#: SQLSTATE classes that say nothing about the event: connection, authorisation, transaction rolled back (deadlock,
#: serialization), resources, operator intervention, system.
_CLASSES = frozenset({"08", "28", "40", "53", "57", "58"})
#: Likewise: unknown database, lock not available, a standby after a failover.
_STATES = frozenset({"3D000", "55P03", "25006"})
#: A cancelled query is in class 57, but a query that always takes too long is its event's fault.
_QUERY_CANCELED = "57014"


def is_outage(error: BaseException) -> bool:
    """Tell whether trying the same again later can help, however often it has failed."""
    return any(_is_outage(each) for each in _chain(error))


def _is_outage(error: BaseException) -> bool:
    # Whatever the operating system says: a reaction talks to nothing but the database.
    if isinstance(error, PoolTimeout | OSError):
        return True
    # The driver's own word where SQLAlchemy does not stand between, as in COPY.
    if isinstance(error, asyncpg.InterfaceError) and "closed" in str(error):
        return True
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return True
    state = str(getattr(error, "sqlstate", None) or "")
    return state != _QUERY_CANCELED and (state[:2] in _CLASSES or state in _STATES)


def _chain(error: BaseException) -> Iterator[BaseException]:
    """Yield the error, and what the libraries below wrapped into it."""
    current: BaseException | None = error
    while current is not None:
        yield current
        current = getattr(current, "orig", None) or current.__cause__
