"""The database of one service: a pool, and transactions to read or to write in."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

from sqlalchemy import event, text
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine

from shared import clock
from shared.database.scope import Scope, ScopedSession
from shared.database.sessions import Reader, Writer
from shared.identity.principal import Principal
from shared.messaging.outbox import Outbox
from shared.settings import MAX_MESSAGE_BYTES


class Database:
    """Connections to one service's database, under the application role."""

    def __init__(
        self,
        url: str,
        *,
        service: str,
        pool_size: int = 20,
        max_message_bytes: int = MAX_MESSAGE_BYTES,
        now: Callable[[], datetime] = clock.now,
        **engine_options: Any,
    ) -> None:
        self.service = service
        self._now = now
        self._outbox = Outbox(source=f"fangfan/{service}", most_bytes=max_message_bytes)
        self.engine: AsyncEngine = create_async_engine(
            url,
            pool_size=pool_size,
            # No overflow: a connection beyond the pool is closed after each use, and making one costs PostgreSQL more
            # than ten of our transactions. The pool grows only as far as it is needed.
            max_overflow=0,
            pool_pre_ping=False,
            pool_recycle=1800,
            pool_timeout=5,
            # An error's text must not quote a row: it ends up in logs and beside dead events.
            hide_parameters=True,
            connect_args={"server_settings": _settings(service), "timeout": 5},
            **engine_options,
        )
        event.listen(self.engine.sync_engine, "checkout", _replace_if_closed)
        self._read_engine = self.engine.execution_options(postgresql_readonly=True)

    @property
    def url(self) -> str:
        """Where the database is, as the driver takes it, with the password: for a connection of one's own."""
        return self.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)

    @asynccontextmanager
    async def reading(self, principal: Principal) -> AsyncIterator[Reader]:
        """Open a read-only transaction; PostgreSQL itself refuses to write in it."""
        async with self._session(self._read_engine, Scope(principal, self._now())) as session:
            yield Reader(session, self.engine)
            # Ends the read without a rollback's cost and without a warning in the log.
            await session.commit()

    @asynccontextmanager
    async def at_one_moment(self, principal: Principal) -> AsyncIterator[Reader]:
        """Open a read-only transaction that sees everything as of its first question, however long it lasts."""
        engine = self._read_engine.execution_options(isolation_level="REPEATABLE READ")
        async with self._session(engine, Scope(principal, self._now())) as session:
            yield Reader(session, self.engine)
            await session.commit()

    @asynccontextmanager
    async def writing(self, principal: Principal, *, reason: str = "") -> AsyncIterator[Writer]:
        """Open a transaction that commits when the block ends well, and leaves nothing behind otherwise."""
        async with self._session(self.engine, Scope(principal, self._now(), reason)) as session:
            writer = Writer(session, self.engine, self._outbox)
            yield writer
            await writer.store_events()
            await session.commit()

    def _session(self, engine: AsyncEngine, scope: Scope) -> AsyncSession:
        return AsyncSession(
            engine,
            sync_session_class=ScopedSession,
            expire_on_commit=False,
            autoflush=False,
            info={"scope": scope},
        )

    async def ping(self) -> None:
        """Raise when the database does not answer."""
        async with self.engine.connect() as connection:
            await connection.execute(text("SELECT 1"))

    async def dispose(self) -> None:
        """Close all connections."""
        await self.engine.dispose()


def _replace_if_closed(connection: Any, *_: Any) -> None:
    """Have the pool make a new connection in place of one that the server has closed while nobody used it.

    The driver has heard of it, so nothing is asked of the server. Without this a restart of the database would cost
    each process its next request, however much later.
    """
    if connection.driver_connection.is_closed():
        raise DisconnectionError


def _settings(service: str) -> dict[str, str]:
    return {
        "application_name": f"fangfan-{service}",
        # A killed process's statement would run on, and its successor wait for the locks of the dead.
        "client_connection_check_interval": "2s",
    }
