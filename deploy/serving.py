"""Serving: the api or the worker of a service, until it is asked to stop."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import os
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import uvicorn
from starlette.types import ASGIApp

from deploy.bus import transport_for
from deploy.catalog import application, load
from deploy.local.processes import CannotStart
from shared import logging, telemetry
from shared.assembly import Runtime
from shared.messaging.transport import Transport
from shared.parent import end_with_parent
from shared.web.health import worker_app
from shared.worker import working

_STARTED_POLL = 0.01


class CannotListen(CannotStart, OSError):  # noqa: N818 - like what it is a kind of
    """The address is not this machine's, or the port is somebody else's."""


class _Server(uvicorn.Server):
    """Uvicorn without its signal handlers: several servers may live in one process, and the process decides."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@asynccontextmanager
async def listening(app: ASGIApp, host: str, port: int, *, drain_seconds: int) -> AsyncIterator[int]:
    """Answer HTTP inside the block, on the port that it is told; leaving it lets running requests finish.

    Of port 0 the system chooses. A port that is taken raises ``CannotListen``.
    """
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=drain_seconds,
        timeout_keep_alive=75,
        lifespan="on",
    )
    server = _Server(config)
    serving = asyncio.create_task(_serve(server))
    while not server.started and not serving.done():
        await asyncio.sleep(_STARTED_POLL)
    if serving.done():
        serving.result()
    try:
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = True
        await serving


async def _serve(server: _Server) -> None:
    try:
        await server.serve()
    except SystemExit as end:
        # Out of a task it would stop the loop itself, and nothing that is open in the process were closed.
        message = f"cannot listen on {server.config.host}:{server.config.port}"
        raise CannotListen(message) from end


@asynccontextmanager
async def answering(runtime: Runtime) -> AsyncIterator[int]:
    """Run a service's api inside the block, on the port that it is told."""
    settings, common = runtime.settings, runtime.common
    app = application(runtime)
    async with listening(app, settings.host, settings.port, drain_seconds=common.drain_seconds) as port:
        # What was made until now lives as long as the process: the collector need not go through it again and again.
        gc.collect()
        gc.freeze()
        try:
            yield port
        finally:
            # Before the server waits for its streams to end: they end because of this.
            runtime.draining = True


@asynccontextmanager
async def _watched(runtime: Runtime, transport: Transport) -> AsyncIterator[None]:
    """Let a worker's health and figures be seen inside the block, where it was given a port for them."""
    settings = runtime.settings
    if not settings.worker_port:
        yield
        return
    app = worker_app(runtime, transport)
    async with listening(
        app, settings.host, settings.worker_port, drain_seconds=runtime.common.drain_seconds
    ):
        yield


async def run(name: str, kind: str) -> None:
    """Be one process of one service: ``api`` or ``worker``, until SIGTERM or SIGINT."""
    if parent := os.environ.get("FANGFAN_PARENT"):
        end_with_parent(int(parent))
    runtime = Runtime.of(load(name))
    logging.configure(name, runtime.common.log_level)
    telemetry.export_traces(name, runtime.common.otlp_endpoint)
    stop = stop_signal()
    if kind == "api":
        async with answering(runtime):
            await stop.wait()
        return
    if runtime.common.bus_url.startswith("memory:"):
        # It would take every event and reach nobody.
        raise SystemExit(
            "memory:// joins services within one process; give processes of their own an amqp:// URL"
        )
    transport = transport_for(runtime.common.bus_url)
    async with working(runtime, transport), _watched(runtime, transport):
        await stop.wait()
        runtime.draining = True
    await transport.close()
    await runtime.database.dispose()


def stop_signal() -> asyncio.Event:
    """Return an event that is set when the process is asked to end."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    return stop
