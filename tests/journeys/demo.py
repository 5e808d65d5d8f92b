"""The demo as its users start it: a command, in a folder of its own, on a house of its own."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
import psutil

from deploy.provision import libpq_url

ROOT = Path(__file__).parents[2]
HOUSEHOLDS, SEED = 300, 7
_SECONDS = 240


@dataclass(frozen=True)
class Played:
    """A demo that has ended."""

    folder: Path
    summary: dict[str, Any]

    @property
    def figures(self) -> dict[str, Any]:
        """What the story came to: the same for the same seed, however it was played and whatever died."""
        return {name: value for name, value in self.summary.items() if name != "seconds"}


async def play(
    folder: Path, *options: str, meanwhile: Callable[[int, Path], Coroutine[Any, Any, None]] | None = None
) -> Played:
    """Run ``fangfan demo --exit`` in a folder; ``meanwhile`` gets its process id and may disturb it."""
    folder.mkdir(parents=True, exist_ok=True)
    arguments = ["--exit", "--households", str(HOUSEHOLDS), "--seed", str(SEED), "--summary", "summary.json"]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("FANGFAN_")}
    with (folder / "demo.log").open("wb") as log:
        demo = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "deploy.cli",
            "demo",
            *arguments,
            *options,
            cwd=folder,
            env={**environment, "PYTHONPATH": str(ROOT)},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
        disturbing = asyncio.create_task(meanwhile(demo.pid, folder)) if meanwhile else None
        try:
            status = await asyncio.wait_for(demo.wait(), _SECONDS)
        finally:
            if demo.returncode is None:
                demo.kill()
    if disturbing:
        await disturbing
    assert status == 0, (folder / "demo.log").read_text()[-4000:]
    return Played(folder, json.loads((folder / "summary.json").read_text()))


async def kill_while_running(demo: int, folder: Path, service: str, job: str) -> None:
    """Kill the service's worker as a crash would, in the middle of a job of that name."""
    while not await _is_running(folder, service, job):
        await asyncio.sleep(0.02)
    for process in psutil.Process(demo).children(recursive=True):
        if process.cmdline()[-3:] == ["run", service, "worker"]:
            process.kill()
            return
    message = f"no worker of {service} found"
    raise AssertionError(message)


async def _is_running(folder: Path, service: str, job: str) -> bool:
    environment = folder / ".fangfan/demo/environment.json"
    try:
        url = json.loads(environment.read_text())[f"FANGFAN_{service.upper()}_OWNER_URL"]
        connection = await asyncpg.connect(libpq_url(url))
    except (OSError, ValueError, KeyError, asyncpg.PostgresError):
        # The house is still being built.
        return False
    try:
        question = "SELECT EXISTS (SELECT FROM job WHERE name = $1 AND state = 'running')"
        return bool(await connection.fetchval(question, job))
    except asyncpg.UndefinedTableError:
        return False
    finally:
        await connection.close()
