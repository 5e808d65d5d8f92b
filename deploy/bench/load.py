"""The load: a process of its own that sends requests as fast as they are answered and says how it went.

Reads a ``Load`` as JSON from standard input and writes a ``Outcome`` as JSON to standard output. A process of its
own, so that neither side's figure holds the cost of making the requests.
"""

from __future__ import annotations

import asyncio
import sys
import time
from dataclasses import asdict, dataclass, field
from itertools import cycle
from typing import Any
from uuid import uuid4

import aiohttp
import orjson
import uvloop


@dataclass(frozen=True)
class Load:
    """What to send: paths in turn, all with the same method, headers and body."""

    base_url: str
    paths: list[str]
    seconds: float
    at_once: int
    method: str = "GET"
    headers: dict[str, str] = field(default_factory=dict)
    #: JSON text, sent as it is.
    body: str | None = None
    #: Give each request an ``Idempotency-Key`` of its own.
    keyed: bool = False


@dataclass(frozen=True)
class Outcome:
    """How it went."""

    per_second: float
    p50_ms: float
    p99_ms: float
    answered: int


async def send(load: Load) -> Outcome:
    """Send until the time is up; any answer but a success ends it, for what fails quickly measures nothing."""
    paths, waits = cycle(load.paths), list[float]()
    connector = aiohttp.TCPConnector(limit=load.at_once)
    async with aiohttp.ClientSession(load.base_url, connector=connector, headers=load.headers) as session:

        async def work(until: float) -> None:
            while (begun := time.perf_counter()) < until:
                headers = {"Idempotency-Key": str(uuid4())} if load.keyed else None
                async with session.request(
                    load.method, next(paths), data=load.body, headers=headers
                ) as answer:
                    content = await answer.read()
                if not answer.ok:
                    raise SystemExit(f"{load.method} {answer.url.path}: {answer.status} {content[:500]!r}")
                waits.append(time.perf_counter() - begun)

        started = time.perf_counter()
        await asyncio.gather(*(work(started + load.seconds) for _ in range(load.at_once)))
        took = time.perf_counter() - started
    return outcome(waits, took)


def outcome(waits: list[float], seconds: float) -> Outcome:
    """Sum up."""
    ordered = sorted(waits)
    return Outcome(
        per_second=len(ordered) / seconds,
        p50_ms=ordered[len(ordered) // 2] * 1000,
        p99_ms=ordered[len(ordered) * 99 // 100] * 1000,
        answered=len(ordered),
    )


async def in_own_process(load: Load) -> Outcome:
    """Send a load from another process."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        __name__,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    said, complained = await process.communicate(orjson.dumps(asdict(load)))
    if process.returncode:
        raise RuntimeError(complained.decode())
    told: dict[str, Any] = orjson.loads(said)
    return Outcome(**told)


def main() -> None:
    """Be that process."""
    load = Load(**orjson.loads(sys.stdin.buffer.read()))
    sys.stdout.buffer.write(orjson.dumps(asdict(uvloop.run(send(load)))))


if __name__ == "__main__":
    main()
