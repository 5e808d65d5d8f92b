"""``/healthz`` (the process lives), ``/readyz`` (what it depends on answers), ``/metrics``: of an api or a worker."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from shared.assembly import Runtime
from shared.logging import log
from shared.messaging.metrics import QUEUED
from shared.messaging.reasons import reason_of
from shared.messaging.transport import Transport

_log = log(__name__)
_READY_SECONDS = 2.0

#: Raises when what it asks does not answer.
Ping = Callable[[], Awaitable[None]]
SetGauge = Callable[[Runtime], Awaitable[None]]


def worker_app(runtime: Runtime, transport: Transport) -> FastAPI:
    """Return what a worker in a process of its own shows of itself, and nothing else."""
    app = FastAPI(title=runtime.service.title, docs_url=None, redoc_url=None, openapi_url=None)

    async def show_queue(runtime: Runtime) -> None:
        name = runtime.service.name
        QUEUED.labels(name).set(await transport.queued(name))

    add_health(app, runtime, gauges=[show_queue], bus=transport.open)
    return app


def add_health(
    app: FastAPI, runtime: Runtime, *, gauges: Sequence[SetGauge] = (), **dependencies: Ping
) -> None:
    """Add the three; the database is a dependency of every process, and ``gauges`` come beside the service's own."""
    pings = {"database": runtime.database.ping, **dependencies}
    app.state.health = _Health(runtime, pings, (*runtime.service.gauges, *gauges))
    # FastAPI remembers every endpoint that it has met: one made here would keep the runtime with it for good.
    for path, endpoint in (("/healthz", _alive), ("/readyz", _ready), ("/metrics", _metrics)):
        app.add_api_route(path, endpoint, include_in_schema=False)


@dataclass(frozen=True)
class _Health:
    runtime: Runtime
    pings: Mapping[str, Ping]
    gauges: Sequence[SetGauge]


async def _alive() -> dict[str, str]:
    return {"status": "alive"}


async def _ready(request: Request) -> Response:
    health: _Health = request.app.state.health
    answers = await asyncio.gather(*(_answers(name, ping) for name, ping in health.pings.items()))
    checks = dict(zip(health.pings, answers, strict=True)) | {"draining": not health.runtime.draining}
    parts = {name: "ok" if well else "failing" for name, well in checks.items()}
    return JSONResponse({"checks": parts}, 200 if all(checks.values()) else 503)


async def _metrics(request: Request) -> Response:
    health: _Health = request.app.state.health
    await asyncio.gather(*(_set(gauge, health.runtime) for gauge in health.gauges))
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


async def _answers(name: str, ping: Ping) -> bool:
    try:
        async with asyncio.timeout(_READY_SECONDS):
            await ping()
    except Exception as error:  # noqa: BLE001 - whatever is wrong, the answer is: not ready
        _log.warning("dependency.unreachable", dependency=name, reason=reason_of(error))
        return False
    return True


async def _set(gauge: SetGauge, runtime: Runtime) -> None:
    """Set a gauge; where that fails the others are shown all the same, with this one's last figure."""
    try:
        async with asyncio.timeout(_READY_SECONDS):
            await gauge(runtime)
    except Exception as error:  # noqa: BLE001 - most likely the database is away, which /readyz tells
        _log.warning("gauge.not_set", gauge=gauge.__name__, error=type(error).__name__)
