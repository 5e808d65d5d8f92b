"""The house on one machine: all services in this process, or each api and worker in a process of its own."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import Self

import httpx

from deploy.bus import transport_for
from deploy.catalog import NAMES, load
from deploy.local.processes import CannotStart
from deploy.serving import answering
from shared.assembly import Runtime
from shared.worker import working

#: Kinds of process, each with the setting that says where it tells of itself.
_PORTS = {"api": "PORT", "worker": "WORKER_PORT"}
_READY_SECONDS = 60
_RESTART_SECONDS = 0.5
_STOP_SECONDS = 30


@asynccontextmanager
async def one_process(environment: dict[str, str]) -> AsyncIterator[None]:
    """Run every api and worker in this process (bulk work still has processes of its own)."""
    os.environ.update(environment)
    runtimes = [Runtime.of(load(name)) for name in NAMES]
    transport = transport_for(environment["FANGFAN_BUS_URL"])
    async with AsyncExitStack() as stack:
        stack.push_async_callback(transport.close)
        for runtime in runtimes:
            # Before any relay runs, the bus must know who listens.
            transport.subscribe(runtime.service.name, runtime.service.reactions.types)
        for runtime in runtimes:
            await stack.enter_async_context(answering(runtime))
            await stack.enter_async_context(working(runtime, transport))
        yield


class ManyProcesses:
    """Every api and worker as its own process, started again when it dies."""

    def __init__(self, environment: dict[str, str], log_folder: Path) -> None:
        # However this process ends, the house does not outlive it.
        self._environment = {**os.environ, **environment, "FANGFAN_PARENT": str(os.getpid())}
        self._log_folder = log_folder
        self._running: dict[tuple[str, str], Process] = {}
        self._keepers: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Self:
        """Start all and wait until each is ready."""
        self._log_folder.mkdir(parents=True, exist_ok=True)
        self._keepers = [asyncio.create_task(self._keep(name, kind)) for name in NAMES for kind in _PORTS]
        try:
            await self.ready()
        except BaseException:
            await self.__aexit__()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop all, in order."""
        for keeper in self._keepers:
            keeper.cancel()
        await asyncio.gather(*self._keepers, return_exceptions=True)
        await asyncio.gather(*(_end(process) for process in self._running.values()))

    async def ready(self) -> None:
        """Wait until each api and worker is ready."""
        await asyncio.gather(*(self._ready(name, kind) for name in NAMES for kind in _PORTS))

    def kill(self, name: str, kind: str) -> None:
        """Kill a process as a crash would (``kill -9``); it is started again."""
        self._running[name, kind].kill()

    @contextmanager
    def held_up(self, name: str, kind: str) -> Iterator[None]:
        """Stop a process in its tracks inside the block: it is alive, holds what it holds, and does nothing."""
        process = self._running[name, kind]
        process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            # It may have been killed meanwhile, and another one runs in its place.
            with suppress(ProcessLookupError):
                process.send_signal(signal.SIGCONT)

    async def _keep(self, name: str, kind: str) -> None:
        while True:
            with (self._log_folder / f"{name}-{kind}.log").open("ab") as log:
                process = await asyncio.create_subprocess_exec(
                    sys.executable,
                    "-m",
                    "deploy.cli",
                    "run",
                    name,
                    kind,
                    env=self._environment,
                    stdin=asyncio.subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                )
            self._running[name, kind] = process
            await process.wait()
            await asyncio.sleep(_RESTART_SECONDS)

    async def _ready(self, name: str, kind: str) -> None:
        port = self._environment[f"FANGFAN_{name.upper()}_{_PORTS[kind]}"]
        url = f"http://127.0.0.1:{port}/readyz"
        try:
            async with httpx.AsyncClient() as client, asyncio.timeout(_READY_SECONDS):
                while not await _is_ready(client, url):
                    await asyncio.sleep(0.1)
        except TimeoutError:
            why = f"see {self._log_folder / f'{name}-{kind}.log'}"
            raise CannotStart(f"{name} {kind} is not ready after {_READY_SECONDS} seconds: {why}") from None


async def _is_ready(client: httpx.AsyncClient, url: str) -> bool:
    try:
        return (await client.get(url)).status_code == httpx.codes.OK
    except httpx.TransportError:
        return False


async def _end(process: Process) -> None:
    if process.returncode is not None:
        return
    process.send_signal(signal.SIGTERM)
    try:
        async with asyncio.timeout(_STOP_SECONDS):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()
