"""A real gateway on a real database, in front of a small service that tells what reached it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from deploy.local.keys import new_keys
from deploy.serving import listening
from gateway.app import SERVICE, gateway_app
from gateway.identity.commands import register_client
from gateway.identity.schemas import NewClient
from shared.assembly import Runtime
from shared.identity.internal import InternalVerifier
from shared.identity.principal import system
from tests.infrastructure.databases import DatabaseOf

COUNTY = "340621000000"


#: Of streams that have no end by themselves, the numbers of those that were ended.
LEFT: list[int] = []


async def _endless() -> AsyncIterator[str]:
    try:
        yield "data: 1\n\n"
        while True:
            await asyncio.sleep(0.05)
            yield ": still here\n\n"
    finally:
        LEFT.append(1)


async def telltale(scope: Scope, receive: Receive, send: Send) -> None:
    """A service that answers with what it was sent."""
    if scope["type"] != "http":
        return
    request = Request(scope, receive)
    await (await _answer(request))(scope, receive, send)


async def _answer(request: Request) -> Response:
    match request.url.path:
        case "/openapi.json":
            return JSONResponse({"paths": {"/households": {"get": {}}}, "components": {"schemas": {}}})
        case "/households/stream":
            return StreamingResponse((f"{n}\n" for n in range(1000)), media_type="text/plain")
        case "/households/endless":
            return StreamingResponse(_endless(), media_type="text/event-stream")
        case "/households/created":
            return PlainTextResponse("", 201, {"Location": "/households/7", "Connection": "close"})
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
    seen = {
        "path": request.url.path,
        "query": request.url.query,
        "headers": dict(request.headers),
        "size": size,
    }
    return JSONResponse(seen)


@dataclass
class Gateway:
    """The gateway and its keys."""

    url: str
    runtime: Runtime
    verifier: InternalVerifier
    stack: AsyncExitStack

    async def client(self, *roles: str, areas: tuple[str, ...] = (COUNTY,), client_id: str = "office") -> str:
        """Register a client and return its secret."""
        departments = ["medical_insurance"] if "department" in roles else []
        new = NewClient.model_validate(
            {
                "client_id": client_id,
                "name": "县局",
                "roles": roles,
                "areas": areas,
                "departments": departments,
            }
        )
        async with self.runtime.database.writing(system("tests")) as db:
            return (await register_client(db, new))[1]

    async def caller(self, *roles: str, client_id: str = "office") -> httpx.AsyncClient:
        """Return an HTTP client with a token."""
        secret = await self.client(*roles, client_id=client_id)
        client = await self.stack.enter_async_context(httpx.AsyncClient(base_url=self.url))
        form = {"grant_type": "client_credentials", "client_id": client_id, "client_secret": secret}
        token = (await client.post("/oauth/token", data=form)).json()["access_token"]
        client.headers["Authorization"] = f"Bearer {token}"
        return client


@pytest.fixture
async def gateway(
    database_of: DatabaseOf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Gateway]:
    database = await database_of("gateway")
    environment: dict[str, Any] = {
        **new_keys(),
        "FANGFAN_BUS_URL": "memory://",
        "FANGFAN_SPOOL_DIR": str(tmp_path),
        "FANGFAN_STORAGE_URL": tmp_path.as_uri(),
        "FANGFAN_GATEWAY_DATABASE_URL": database.url,
        "FANGFAN_GATEWAY_ALLOW_PRIVATE_WEBHOOKS": "true",
        "FANGFAN_GATEWAY_RATE_BURST": "50",
        "FANGFAN_GATEWAY_RATE_PER_SECOND": "1",
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    async with AsyncExitStack() as stack:
        upstream = await stack.enter_async_context(listening(telltale, "127.0.0.1", 0, drain_seconds=1))
        # Nobody listens on port 9: a service that is down.
        services = dict.fromkeys(("inspection", "monitoring", "reporting"), "http://127.0.0.1:9")
        services["household"] = f"http://127.0.0.1:{upstream}"
        monkeypatch.setenv("FANGFAN_GATEWAY_SERVICES", json.dumps(services))
        runtime = Runtime.of(SERVICE)
        app: ASGIApp = gateway_app(runtime)
        port = await stack.enter_async_context(listening(app, "127.0.0.1", 0, drain_seconds=1))
        verifier = InternalVerifier(runtime.common.identity_public_key)
        yield Gateway(f"http://127.0.0.1:{port}", runtime, verifier, stack)
