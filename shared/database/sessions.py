"""Reader and Writer: what a query may do, and what a command may do besides.

They are distinct types, so an endpoint that only reads cannot be handed to a command by mistake: the type
checker refuses it before PostgreSQL's read-only transaction would.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import date, datetime
from functools import cache
from typing import Any, TypeVar
from uuid import UUID

import asyncpg
from pydantic import BaseModel, TypeAdapter
from sqlalchemy import Executable, Row as ResultRow, Select, Table, func, select, text
from sqlalchemy.engine import CursorResult
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession
from sqlmodel import SQLModel

from shared import clock
from shared.contracts.envelope import Contract
from shared.database.binary_copy import Field, binary_rows, ready_rows
from shared.database.csv_out import Sink
from shared.database.glance import glance
from shared.database.history import HistoryEntry
from shared.database.paging import Page, PageQuery, cut, from_cursor
from shared.database.scope import Scope
from shared.identity.principal import Principal
from shared.messaging.outbox import Outbox
from shared.refusal import NotFound

M = TypeVar("M", bound=SQLModel)
T = TypeVar("T")
L = TypeVar("L", bound=BaseModel)


class Reader:
    """A read-only view of one service's data, limited to the caller's area."""

    def __init__(self, session: AsyncSession, engine: AsyncEngine) -> None:
        self._session = session
        self._engine = engine
        self._scope: Scope = session.info["scope"]

    @property
    def principal(self) -> Principal:
        """Who acts."""
        return self._scope.principal

    @property
    def now(self) -> datetime:
        """The moment of this transaction, in UTC."""
        return self._scope.now

    @property
    def today(self) -> date:
        """The date of this transaction, as written down in China."""
        return clock.date_of(self._scope.now)

    async def get(self, model: type[M], key: UUID | str) -> M:
        """Return the row with this primary key, or refuse with ``NotFound``."""
        row = await self.find(model, key)
        if row is None:
            raise NotFound
        return row

    async def find(self, model: type[M], key: UUID | str) -> M | None:
        """Return the row with this primary key, if there is one in the caller's area."""
        return await self._session.get(model, key)

    async def one(self, statement: Select[T]) -> T:
        """Return the first result, or refuse with ``NotFound``."""
        result = await self.first(statement)
        if result is None:
            raise NotFound
        return result

    async def first(self, statement: Select[T]) -> T | None:
        """Return the first result, if any."""
        return (await self._session.scalars(statement)).first()

    async def all(self, statement: Select[T]) -> list[T]:
        """Return the results of a statement that selects one thing."""
        return list((await self._session.scalars(statement)).all())

    async def rows(
        self, statement: Executable, parameters: dict[str, Any] | None = None
    ) -> Sequence[ResultRow[*tuple[Any, ...]]]:
        """Return the rows of a statement that selects several things."""
        return (await self._session.execute(statement, parameters)).all()

    async def scalar(self, statement: Executable, parameters: dict[str, Any] | None = None) -> Any:
        """Return the first column of the first row, or None."""
        return await self._session.scalar(statement, parameters)

    async def glance(self, sql: str, *values: Any) -> list[asyncpg.Record]:
        """Return the rows of one written-out query: see ``shared.database.glance``."""
        if self._session.in_transaction():
            return list(await (await self.connection()).fetch(sql, *values))
        return await glance(self._engine, self._scope, sql, values)

    async def stream(
        self, statement: Select[*tuple[Any, ...]], *, at_once: int
    ) -> AsyncIterator[list[asyncpg.Record]]:
        """Yield a statement's rows as the driver gives them, ``at_once`` at a time, through a cursor."""
        cursor = await (await self.connection()).cursor(*_written_out(self._engine, statement))
        while rows := await cursor.fetch(at_once):
            yield rows

    async def write_csv(self, statement: Select[*tuple[Any, ...]], sink: Sink) -> None:
        """Give a statement's rows, as lines of CSV that PostgreSQL writes, to ``sink``: null is an empty cell."""
        sql, *values = _written_out(self._engine, statement)
        await (await self.connection()).copy_from_query(sql, *values, output=sink, format="csv")

    async def connection(self) -> asyncpg.Connection:
        """Return the driver's own connection, inside this transaction: for COPY and the job queue, too."""
        connection = await self._session.connection()
        # Asking the session first makes it begin: otherwise the driver would work outside the transaction.
        await self._session.execute(text("SELECT 1"))
        return (await connection.get_raw_connection()).driver_connection

    async def page(
        self, statement: Select[M], *, order: Sequence[Any], page: PageQuery, newest_first: bool = False
    ) -> Page[M]:
        """Return one page in the order of ``order`` or its reverse: columns of the model, together unique."""
        found = await self.all(from_cursor(statement, order, page, newest_first=newest_first))
        return await self._cut(found, statement, order, page)

    async def page_of(
        self, line: type[L], statement: Select[*tuple[Any, ...]], *, order: Sequence[Any], page: PageQuery
    ) -> Page[L]:
        """Return one page of lines: of a statement that selects their columns, so that no entity is made of them."""
        found = await self.rows(from_cursor(statement, order, page, newest_first=False))
        rows = await self._cut(found, statement, order, page)
        items = _lines_of(line).validate_python(rows.items, from_attributes=True)
        # Of the very type that is answered: else each line would be validated once more on its way out.
        return Page[line](items=items, next=rows.next, total=rows.total)  # type: ignore[valid-type]

    async def _cut(
        self, found: Sequence[T], statement: Select[*tuple[Any, ...]], order: Sequence[Any], page: PageQuery
    ) -> Page[T]:
        counted = select(func.count()).select_from(statement.subquery())
        total = await self.scalar(counted) if page.count else None
        return cut(found, page.limit, lambda last: [getattr(last, key.key) for key in order], total=total)

    async def as_of(self, model: type[M], root_id: UUID, moment: datetime) -> list[M]:
        """Return the rows of one aggregate in one table as they were at ``moment``, detached from this session.

        The model must be recorded; ``root_id`` is the aggregate's id, which its history carries.
        """
        table: Table = model.__table__  # type: ignore[attr-defined]
        columns = ", ".join(column.name for column in table.columns)
        past = text(
            f"""
            SELECT {columns} FROM {table.name} WHERE {_root(table)} = :root AND changed_at <= :moment
            UNION ALL
            SELECT {columns} FROM (
                SELECT (jsonb_populate_record(NULL::{table.name}, image)).* FROM history
                WHERE table_name = :table AND root_id = :root AND valid_from <= :moment AND valid_to > :moment
            ) past
            """  # noqa: S608 - names come from the mapped table, values are bound
        ).columns(*table.columns)
        found = await self._session.execute(past, {"root": root_id, "moment": moment, "table": table.name})
        return [model(**row) for row in found.mappings()]

    async def history(self, root_id: UUID, *models: type[SQLModel]) -> list[HistoryEntry]:
        """Return every version of an aggregate's rows in these tables, the present ones included."""
        entries: list[HistoryEntry] = []
        for model in models:
            table: Table = model.__table__  # type: ignore[attr-defined]
            versions = text(
                f"""
                SELECT row_id, version, valid_from, valid_to, changed_by, change_reason, deleted, ended_by,
                       ended_reason, image
                FROM history WHERE table_name = :table AND root_id = :root UNION ALL SELECT id, version,
                changed_at, NULL, changed_by, change_reason, false, NULL, NULL, to_jsonb(t) FROM {table.name}
                t WHERE {_root(table)} = :root
                """  # noqa: S608 - names come from the mapped table, values are bound
            )
            rows = await self.rows(versions, {"table": table.name, "root": root_id})
            entries += [HistoryEntry(table.name, *row) for row in rows]
        return entries


@cache
def _lines_of(line: type[L]) -> TypeAdapter[list[L]]:
    return TypeAdapter(list[line])  # type: ignore[valid-type]


def _written_out(engine: AsyncEngine, statement: Select[*tuple[Any, ...]]) -> list[Any]:
    """Return a statement as the driver takes it: its text, and what stands for ``$1``, ``$2`` … in it."""
    compiled = statement.compile(dialect=engine.dialect, compile_kwargs={"render_postcompile": True})
    return [str(compiled), *(compiled.params[name] for name in compiled.positiontup or ())]


def _root(table: Table) -> str:
    """Return the column with the aggregate's id: the row's own, unless the model's ``info`` names another."""
    return str(table.info.get("root", "id"))


class Writer(Reader):
    """A transaction that changes data. It commits where it was opened: ``Database.writing``."""

    def __init__(self, session: AsyncSession, engine: AsyncEngine, outbox: Outbox) -> None:
        super().__init__(session, engine)
        self._outbox = outbox
        self._happened: list[Contract] = []

    def add(self, *rows: SQLModel) -> None:
        """Take new rows into the transaction."""
        self._session.add_all(rows)

    async def flush(self) -> None:
        """Send pending changes, so that versions and generated values are known."""
        await self._session.flush()

    async def delete(self, row: SQLModel) -> None:
        """Delete a row; its history stays."""
        await self._session.delete(row)

    async def execute(
        self, statement: Executable, parameters: dict[str, Any] | Sequence[dict[str, Any]] | None = None
    ) -> CursorResult[Any]:
        """Run a statement that changes rows in sets."""
        return await self._session.execute(statement, parameters)  # type: ignore[return-value]

    @asynccontextmanager
    async def because(self, reason: str) -> AsyncIterator[None]:
        """Give what is changed and flushed inside the block a reason of its own, as histories tell it."""
        said = text("SELECT set_config('fangfan.reason', :reason, true)")
        await self.execute(said, {"reason": reason})
        yield
        await self.execute(said, {"reason": self._scope.reason})

    async def history_follows(self, model: type[SQLModel], root_ids: Sequence[UUID]) -> None:
        """Let the past of aggregates be seen where they are now, after their rows went to another division.

        ``model`` is the aggregates' root. What the past says of their place stays.
        """
        statement = text("SELECT fangfan_history_follows(CAST(:root AS regclass), :ids)")
        await self.execute(statement, {"root": model.__tablename__, "ids": list(root_ids)})

    def record(self, *contracts: Contract) -> None:
        """Tell the other services what happened: stored with the change, published once it has committed.

        Flush before: an event carries the version that its change made.
        """
        if self._session.new or self._session.dirty:
            raise UnflushedChangeError
        self._happened += contracts

    async def store_events(self) -> None:
        """Write what was recorded into the outbox. Called once, by the database, just before it commits."""
        await self.flush()
        await self._outbox.store(self._session, self._happened, now=self.now)
        self._happened = []

    async def glance(self, sql: str, *values: Any) -> list[asyncpg.Record]:
        """Return the rows of one written-out query, which sees what this transaction has changed."""
        await self.flush()
        return list(await (await self.connection()).fetch(sql, *values))

    async def copy_rows(self, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        """COPY Python rows into a table."""
        await (await self.connection()).copy_records_to_table(table, columns=list(columns), records=rows)

    async def copy_columns(self, table: str, fields: Mapping[str, Field]) -> None:
        """COPY whole columns into a table: by far the quickest way to store many rows."""
        await self._copy(table, list(fields), binary_rows(list(fields.values())))

    async def copy_ready(
        self, table: str, columns: Sequence[str], rows: Iterable[Mapping[str, bytes]]
    ) -> None:
        """COPY rows whose values are ready into a table: see ``ready_rows``."""
        await self._copy(table, columns, ready_rows(columns, rows))

    async def _copy(self, table: str, columns: Sequence[str], pieces: Iterator[bytes]) -> None:
        # As one piece, made elsewhere: for each the loop would wait its turn behind whoever reckons meanwhile.
        rows = await asyncio.to_thread(b"".join, pieces)
        connection = await self.connection()
        # Bytes themselves would be taken for a file's path.
        await connection.copy_to_table(table, columns=list(columns), source=memoryview(rows), format="binary")

    async def copy_text(self, table: str, columns: Sequence[str], source: Any, **options: Any) -> None:
        """COPY ready-made text (a path, a file or an async iterable of bytes) into a table; options as asyncpg's."""
        await (await self.connection()).copy_to_table(table, columns=list(columns), source=source, **options)


class UnflushedChangeError(RuntimeError):
    """An event was recorded before its change was flushed: its sequence would be a version too low."""
