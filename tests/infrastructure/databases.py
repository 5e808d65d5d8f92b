"""A migrated database of any service for a test: cloned from a template that is made once a session.

What many tests of a service begin with may stand in a template, too: see ``Furnish``.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import asyncpg
import pytest

from deploy.provision import provision, restrict
from tests.infrastructure.servers import Session, locked

_ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class ServiceDatabase:
    """A service's database for one test, as each of its roles reaches it (``postgresql+asyncpg://…``)."""

    name: str
    url: str
    owner_url: str
    #: The superuser, as asyncpg takes it: to look behind row-level security.
    admin_url: str

    def named(self, name: str) -> ServiceDatabase:
        """Return a copy of that name, which has the same roles."""
        urls = (self.url, self.owner_url, self.admin_url)
        return ServiceDatabase(name, *(_within(url, name) for url in urls))


#: Puts into a service's database what many of its tests begin with, once a session; its name names the template.
Furnish = Callable[[ServiceDatabase], Awaitable[None]]


class DatabaseOf(Protocol):
    """Make a database of a service, furnished if wanted."""

    def __call__(self, service: str, furnish: Furnish | None = None) -> Awaitable[ServiceDatabase]: ...


@pytest.fixture
async def database_of(test_session: Session, postgres_admin_url: str) -> AsyncIterator[DatabaseOf]:
    """Make a service's database for this test, dropped after it; to be awaited with the service's name.

    A name that is no service's gets the tables that every service has, and no others.
    """
    async with AsyncExitStack() as stack:

        def made(service: str, furnish: Furnish | None = None) -> Awaitable[ServiceDatabase]:
            database = cloned(test_session, postgres_admin_url, service, furnish)
            return stack.enter_async_context(database)

        yield made


@asynccontextmanager
async def cloned(
    session: Session, admin_url: str, service: str, furnish: Furnish | None = None
) -> AsyncIterator[ServiceDatabase]:
    """Clone the service's template, for a fixture with another scope than ``database_of``."""
    template = await _template(session, admin_url, service)
    if furnish:
        template = await _furnished(session, admin_url, service, template, furnish)
    name = f"test_{service}_{uuid4().hex[:12]}"
    admin = await asyncpg.connect(admin_url)
    try:
        await _copy(admin, template.name, name, service)
        try:
            yield template.named(name)
        finally:
            await admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
    finally:
        await admin.close()


@asynccontextmanager
async def copied(admin_url: str, name: str, service: str) -> AsyncIterator[str]:
    """Copy a service's database, to which nobody is connected, with what is in it; give the copy's name."""
    copy = f"{name}_copy"
    admin = await asyncpg.connect(admin_url)
    try:
        await _copy(admin, name, copy, service)
        try:
            yield copy
        finally:
            await admin.execute(f'DROP DATABASE "{copy}" WITH (FORCE)')
    finally:
        await admin.close()


async def _copy(admin: asyncpg.Connection, source: str, target: str, service: str) -> None:
    # File by file, which without a log to write is the cheapest by far.
    await admin.execute(
        f'CREATE DATABASE "{target}" TEMPLATE "{source}" OWNER "{service}_owner" STRATEGY FILE_COPY'
    )
    await restrict(admin, target, service)


async def _template(session: Session, admin_url: str, service: str) -> ServiceDatabase:
    """Provision and migrate ``fangfan_<service>`` once; tests only ever clone it."""
    ready = session.folder / "postgres" / f"template-{service}.json"
    with locked(ready.with_suffix(".lock")):
        if not ready.exists():
            environment = await provision(admin_url, [service])
            await _migrate(service, environment[f"FANGFAN_{service.upper()}_OWNER_URL"])
            ready.write_text(json.dumps(environment))
    environment = json.loads(ready.read_text())
    return ServiceDatabase(
        name=f"fangfan_{service}",
        url=environment[f"FANGFAN_{service.upper()}_DATABASE_URL"],
        owner_url=environment[f"FANGFAN_{service.upper()}_OWNER_URL"],
        admin_url=_within(admin_url, f"fangfan_{service}"),
    )


async def _furnished(
    session: Session, admin_url: str, service: str, template: ServiceDatabase, furnish: Furnish
) -> ServiceDatabase:
    """Furnish a clone of the template once, and keep a copy of it to be cloned in its turn."""
    furnished = template.named(f"{template.name}_{furnish.__name__}")
    ready = session.folder / "postgres" / f"template-{service}-{furnish.__name__}"
    with locked(ready.with_suffix(".lock")):
        if not ready.exists():
            async with cloned(session, admin_url, service) as draft:
                await furnish(draft)
                admin = await asyncpg.connect(admin_url)
                try:
                    await _copy(admin, draft.name, furnished.name, service)
                finally:
                    await admin.close()
            ready.touch()
    return furnished


async def _migrate(service: str, owner_url: str) -> None:
    # Loaded here, so that a run of pure rules starts without the database's rooms.
    from sqlalchemy import MetaData

    from shared.database.migrating import migrate

    room = _ROOT / service if service == "gateway" else _ROOT / "services" / service
    # Applying migrations compares nothing, so the service's own tables need not be loaded.
    await migrate(room / "migrations", MetaData(), owner_url)


def _within(url: str, database: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{database}"))
