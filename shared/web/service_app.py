"""The HTTP side of a service, from its routers."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path

import swagger_ui_bundle
from fastapi import APIRouter, FastAPI, Request
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.responses import HTMLResponse
from starlette.routing import BaseRoute
from starlette.staticfiles import StaticFiles

from shared.assembly import Runtime, Service
from shared.jobs.api import jobs_router
from shared.jobs.bulletin import Bulletin
from shared.web.edge import Edge
from shared.web.health import add_health
from shared.web.problems import ANY_PROBLEM, add_problem_handlers, describe_problems

SWAGGER_FILES = next(Path(swagger_ui_bundle.__file__).parent.glob("vendor/swagger-ui-*"))


def service_app(runtime: Runtime) -> FastAPI:
    """Return the service's ASGI application."""
    app = endpoints(runtime)
    app.add_middleware(Edge, service=runtime.service.name)
    return app


def endpoints(runtime: Runtime) -> FastAPI:
    """Return the application without its edge: the gateway puts its door between the two."""
    app = described(runtime.service)
    app.state.runtime = runtime
    if runtime.service.jobs:
        app.state.bulletin = Bulletin(runtime.database)
        runtime.closers.append(app.state.bulletin.close)
    add_problem_handlers(app)
    add_health(app, runtime)
    add_docs(app)
    return app


def described(service: Service) -> FastAPI:
    """Return the application as far as its document tells of it: it answers once it has a runtime."""
    app = FastAPI(
        title=service.title,
        version="1",
        lifespan=_lifespan,
        docs_url=None,
        redoc_url=None,
        routes=[*_routes(service)],
        # It would lead to whatever host the caller says this is, and behind the gateway to one of the inside.
        redirect_slashes=False,
        # Our own edge traces and measures; FastAPI's would log what a validation complained of, with the
        # values.
        telemetry={"tracing": False, "metrics": False, "logs": False},
    )
    describe_problems(app)
    return app


@cache
def _routes(service: Service) -> Sequence[BaseRoute]:
    """Return the service's endpoints, for all its applications in this process.

    FastAPI reads their signatures when first it looks for one of them, and keeps what it read with them. A test's
    application would read them all again, which takes longer than most tests.
    """
    endpoints = APIRouter(responses=ANY_PROBLEM)
    for router in service.routers:
        endpoints.include_router(router)
    if service.jobs:
        endpoints.include_router(jobs_router(service.name, service.prefix))
    return endpoints.routes


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    yield
    runtime: Runtime = app.state.runtime
    runtime.draining = True
    for close in runtime.closers:
        await close()
    await runtime.database.dispose()


def add_docs(app: FastAPI) -> None:
    """Add ``/docs``, served from files of our own: a county's network may have no internet."""
    app.mount("/docs/assets", StaticFiles(directory=SWAGGER_FILES), name="docs-assets")
    app.add_api_route("/docs", _docs, include_in_schema=False)


async def _docs(request: Request) -> HTMLResponse:
    root = request.scope.get("root_path", "")
    return get_swagger_ui_html(
        openapi_url=f"{root}/openapi.json",
        title=request.app.title,
        swagger_js_url=f"{root}/docs/assets/swagger-ui-bundle.js",
        swagger_css_url=f"{root}/docs/assets/swagger-ui.css",
        swagger_favicon_url=f"{root}/docs/assets/favicon-32x32.png",
    )
