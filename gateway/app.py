"""The gateway, wired: its own endpoints, the proxy, and the door in front of both."""

from __future__ import annotations

from fastapi import FastAPI
from fastapi.responses import JSONResponse
from starlette.types import ASGIApp

from gateway.door import Door
from gateway.feed.api import changes_router, webhooks_router
from gateway.feed.deliveries import JOB, deliver, deliver_overdue
from gateway.feed.reactions import REACTIONS
from gateway.identity.api import open_router, router as clients_router
from gateway.identity.secrets import Attempts
from gateway.identity.tokens import TokenKey, Tokens
from gateway.limits import RateLimits
from gateway.openapi import MergedOpenAPI
from gateway.overview import router as overview_router
from gateway.proxy import Proxy
from gateway.routes import PREFIX
from gateway.settings import GatewaySettings
from gateway.tables import Row
from shared.assembly import Runtime, Service
from shared.identity.internal import InternalSigner
from shared.jobs import Job, Schedule
from shared.messaging.asyncapi import asyncapi
from shared.web.edge import Answering, Edge
from shared.web.service_app import endpoints

SERVICE = Service(
    name="gateway",
    title="网关 Gateway",
    room="gateway",
    prefix=PREFIX,
    metadata=Row.metadata,
    routers=[open_router, clients_router, changes_router, webhooks_router, overview_router],
    reactions=REACTIONS,
    jobs=[Job(JOB, deliver)],
    schedules=[Schedule("gateway.deliver_overdue", "* * * * *", deliver_overdue, in_rehearsals=True)],
)


def gateway_app(runtime: Runtime) -> ASGIApp:
    """Return all that the outside can reach."""
    settings = GatewaySettings.read()
    tokens = Tokens(
        [TokenKey.from_pem(pem.get_secret_value()) for pem in settings.token_keys],
        issuer=settings.public_url,
        seconds=settings.token_seconds,
        signer=InternalSigner(settings.identity_private_key.get_secret_value()),
    )
    proxy = Proxy(settings.services)
    own = endpoints(runtime)
    # Nearer than the edge, which stands outside the door: else the framework answers first, with a bare 500.
    own.add_middleware(Answering)
    own.state.tokens, own.state.attempts, own.state.proxy = tokens, Attempts(), proxy
    runtime.closers.append(proxy.close)
    _serve_merged_document(own, settings, proxy)
    limits = RateLimits(per_second=settings.rate_per_second, burst=settings.rate_burst)
    public = RateLimits(per_second=settings.public_rate_per_second, burst=settings.public_rate_burst)
    return Edge(Door(own, proxy, tokens, limits, public), service=SERVICE.name)


def _serve_merged_document(own: FastAPI, settings: GatewaySettings, proxy: Proxy) -> None:
    merged = MergedOpenAPI(own.openapi(), settings.services, proxy)
    own.router.routes[:] = [route for route in own.routes if getattr(route, "path", "") != own.openapi_url]

    @own.get("/openapi.json", include_in_schema=False)
    async def document() -> JSONResponse:
        return JSONResponse(await merged.document())

    @own.get("/asyncapi.json", include_in_schema=False)
    async def events() -> JSONResponse:
        return JSONResponse(asyncapi(own.version))
