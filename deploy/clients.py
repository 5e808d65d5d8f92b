"""The first clients of an installation, registered from the command line: nobody can call the API before."""

from __future__ import annotations

from deploy.catalog import load
from gateway.identity.commands import register_client
from gateway.identity.schemas import NewClient
from shared.assembly import Runtime
from shared.identity.principal import system


async def register(
    client_id: str, name: str, roles: list[str], areas: list[str], departments: list[str] | None = None
) -> str:
    """Register a client directly in the gateway's database; returns its secret."""
    new = NewClient.model_validate(
        {
            "client_id": client_id,
            "name": name,
            "roles": roles,
            "areas": areas,
            "departments": departments or [],
        }
    )
    runtime = Runtime.of(load("gateway"))
    try:
        async with runtime.database.writing(system("gateway"), reason="command line") as db:
            _, secret = await register_client(db, new)
    finally:
        await runtime.database.dispose()
    return secret
