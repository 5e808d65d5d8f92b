"""Registering clients and admitting them."""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, exists, false, func, not_, or_
from sqlmodel import col, select

from gateway.identity.errors import BadClient, ClientExists, NoDepartment
from gateway.identity.model import Client
from gateway.identity.schemas import NewClient
from gateway.identity.secrets import Attempts, matches, new_secret
from shared.database import Database, Writer
from shared.identity.principal import Principal, system
from shared.refusal import NotFound
from shared.web.edge import OutsideArea


async def register_client(db: Writer, new: NewClient) -> tuple[Client, str]:
    """Register a client inside the caller's areas; returns it with its secret, which cannot be had again."""
    if not all(map(db.principal.covers, new.areas)):
        raise OutsideArea
    if await db.first(select(Client).where(Client.client_id == new.client_id)):
        raise ClientExists
    secret, secret_hash = new_secret()
    client = Client(
        client_id=new.client_id,
        name=new.name,
        secret_hash=secret_hash,
        roles=list(new.roles),
        areas=new.areas,
        departments=new.departments,
    )
    db.add(client)
    await db.flush()
    return client, secret


async def name_departments(db: Writer, client_id: str, departments: list[str]) -> Client:
    """Let a department's system send data in the name of these and no other ones; from its next token on."""
    client = await _own(db, client_id)
    if "department" not in client.roles:
        raise NoDepartment
    client.departments = departments
    await db.flush()
    return client


async def disable_client(db: Writer, client_id: str) -> Client:
    """Let a client in no more; tokens it holds live on for their few minutes."""
    client = await _own(db, client_id)
    client.disabled_at = db.now
    await db.flush()
    return client


async def _own(db: Writer, client_id: str) -> Client:
    """Return a client whose areas are all the caller's own; others do not exist for it."""
    client = await db.one(select(Client).where(Client.client_id == client_id))
    if not all(map(db.principal.covers, client.areas)):
        raise NotFound
    return client


def inside_areas_of(principal: Principal) -> ColumnElement[bool]:
    """Return what holds of clients whose areas are all the principal's own."""
    area = func.unnest(col(Client.areas)).column_valued("area")
    own = or_(false(), *(and_(area >= low, area < high) for low, high in principal.ranges))
    return not_(exists(select(area).where(not_(own))))


async def authenticate(
    database: Database, attempts: Attempts, client_id: str, secret: str, *, address: str
) -> Principal:
    """Return who the client is, or refuse without telling whether the client exists."""
    attempts.check(client_id, address)
    # The transaction ends before the secret is checked: no connection waits for Argon2.
    async with database.reading(system("gateway")) as db:
        client = await db.first(select(Client).where(Client.client_id == client_id))
    known = client if client and client.disabled_at is None else None
    if not await matches(secret, known.secret_hash if known else None) or known is None:
        attempts.failed(client_id, address)
        raise BadClient
    return known.principal()
