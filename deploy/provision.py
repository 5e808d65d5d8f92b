"""Databases and roles of a new installation: each service its own database, an owner and an application role.

The owner runs migrations and owns what they make. The application role owns nothing, so row-level security
holds for it, and reaches the owner's tables by default privileges: migrations need no grants.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from urllib.parse import SplitResult, quote, unquote, urlsplit

import asyncpg

_ROLE = "LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS"
#: TRUNCATE is left out on purpose: it asks no row-level policy and no trigger that keeps history.
_TABLE_RIGHTS = "SELECT, INSERT, UPDATE, DELETE"


async def provision(
    admin_url: str, services: Iterable[str], known: Mapping[str, str] | None = None
) -> dict[str, str]:
    """Create what is missing; return ``FANGFAN_<SERVICE>_DATABASE_URL`` and ``…_OWNER_URL`` of each.

    Roles found in ``known``, the answer of an earlier run, keep their password; all others get a new one.
    ``admin_url`` belongs to a role that may create roles and databases.
    """
    server = urlsplit(admin_url)
    environment: dict[str, str] = {}
    admin = await asyncpg.connect(admin_url)
    try:
        for service in services:
            urls = _urls(service, server, known or {})
            await _create(admin, service, urls)
            environment |= urls
    finally:
        await admin.close()
    return environment


async def restrict(admin: asyncpg.Connection, database: str, service: str) -> None:
    """Let nobody but the service's two roles into a database."""
    await admin.execute(f'REVOKE ALL ON DATABASE "{database}" FROM PUBLIC')
    await admin.execute(f'GRANT CONNECT, TEMPORARY ON DATABASE "{database}" TO "{service}_app"')


def libpq_url(url: str) -> str:
    """Return a service's URL as asyncpg and ``pg_dump`` take it."""
    return url.replace("postgresql+asyncpg://", "postgresql://", 1)


def _urls(service: str, server: SplitResult, known: Mapping[str, str]) -> dict[str, str]:
    urls = {}
    for name, role in (("DATABASE_URL", "app"), ("OWNER_URL", "owner")):
        key = f"FANGFAN_{service.upper()}_{name}"
        before = unquote(urlsplit(known[key]).password or "") if key in known else ""
        password = before or secrets.token_urlsafe(24)
        place = f"{server.hostname}:{server.port or 5432}/fangfan_{service}"
        urls[key] = f"postgresql+asyncpg://{service}_{role}:{quote(password, safe='')}@{place}"
    return urls


async def _create(admin: asyncpg.Connection, service: str, urls: Mapping[str, str]) -> None:
    for url in urls.values():
        await _create_role(admin, urlsplit(url))
    database = f"fangfan_{service}"
    if not await admin.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", database):
        # Only a member may give a database away, unless a superuser; and "C" orders division codes by bytes.
        await admin.execute(f'GRANT "{service}_owner" TO CURRENT_USER')
        await admin.execute(
            f'CREATE DATABASE "{database}" OWNER "{service}_owner" TEMPLATE template0 '
            "ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C.UTF-8'"
        )
    await restrict(admin, database, service)
    await _grant(urls[f"FANGFAN_{service.upper()}_OWNER_URL"], app=f"{service}_app")


async def _create_role(admin: asyncpg.Connection, url: SplitResult) -> None:
    exists = await admin.fetchval("SELECT 1 FROM pg_roles WHERE rolname = $1", url.username)
    verb = "ALTER" if exists else "CREATE"
    # DDL takes no parameters; the server quotes the password for us.
    password = await admin.fetchval("SELECT quote_literal($1::text)", unquote(url.password or ""))
    await admin.execute(f'{verb} ROLE "{url.username}" {_ROLE} PASSWORD {password}')


async def _grant(owner_url: str, *, app: str) -> None:
    """Set rights inside the database, as its owner: default privileges belong to who makes the tables."""
    # Only for tables yet to come: a grant on existing ones would undo what a migration revoked, such as
    # writing to the history.
    owner = await asyncpg.connect(libpq_url(owner_url))
    try:
        await owner.execute("REVOKE ALL ON SCHEMA public FROM PUBLIC")
        await owner.execute(f'GRANT USAGE ON SCHEMA public TO "{app}"')
        for kind, rights in (("TABLES", _TABLE_RIGHTS), ("SEQUENCES", "USAGE, SELECT")):
            await owner.execute(f'ALTER DEFAULT PRIVILEGES GRANT {rights} ON {kind} TO "{app}"')
    finally:
        await owner.close()
