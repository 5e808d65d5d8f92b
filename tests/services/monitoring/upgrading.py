"""A database that is taken back to before one of monitoring's migrations, and brought up again."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module

from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import Connection, make_url
from sqlalchemy.ext.asyncio import create_async_engine

from tests.services.monitoring.conftest import Scene


async def bring_up(scene: Scene, admin_url: str, *, back: Sequence[str], migration: str) -> None:
    """Undo a migration by the statements ``back``, and run it: by itself, however many follow."""
    engine = scene.service.database.engine
    await scene.service.database.dispose()
    address = make_url(admin_url).set(drivername="postgresql+asyncpg", database=engine.url.database)
    upgrade = import_module(f"services.monitoring.migrations.{migration}").upgrade

    def run(connection: Connection) -> None:
        with Operations.context(MigrationContext.configure(connection)):
            upgrade()

    admin = create_async_engine(address)
    async with admin.begin() as connection:
        for statement in back:
            await connection.exec_driver_sql(statement)
        await connection.run_sync(run)
    await admin.dispose()
