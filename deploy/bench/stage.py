"""What the measurements play on: a whole house in processes of its own, full of households, and the bare one beside."""

from __future__ import annotations

import asyncio
import csv
import os
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import aiohttp
import asyncpg

from deploy import demo
from deploy.bench import bare
from deploy.bench.families import Families
from deploy.bench.twin import copy_in, copy_out, create_database, database_url, make_twin
from deploy.clients import register
from deploy.demo.client import Caller
from deploy.local.events import settle
from deploy.local.house import ManyProcesses
from deploy.local.installation import Installation, installed
from deploy.local.processes import free_port
from shared.clock import today

COUNTY = "340621000000"
ROLES = ["county_officer", "administrator"]
_DIVISIONS = Path(demo.__path__[0]) / "data" / "divisions_340621.csv"
#: Villages that get households: few, so that each has more than a page.
_VILLAGES = 20
_PATIENCE_SECONDS = 600.0
#: The limits of a client are not what is measured.
_UNLIMITED = {"FANGFAN_GATEWAY_RATE_PER_SECOND": "1000000", "FANGFAN_GATEWAY_RATE_BURST": "1000000"}


@dataclass
class Stage:
    """The house, a caller of it, and what it holds."""

    installation: Installation
    caller: Caller
    families: Families
    villages: list[str]
    bare_url: str
    admin_url: str
    folder: Path
    households: list[str] = field(default_factory=list)
    campaign: dict[str, Any] = field(default_factory=dict)

    @property
    def authorization(self) -> dict[str, str]:
        """The header that lets a request in."""
        return {"Authorization": f"Bearer {self.caller.token}"}

    def service_url(self, name: str) -> str:
        """Where a service itself listens, without the gateway."""
        return f"http://127.0.0.1:{self.installation.environment[f'FANGFAN_{name.upper()}_PORT']}"

    def database(self, name: str) -> str:
        """Return the administrator's URL of a database."""
        return database_url(self.admin_url, name)

    async def take_in(self, content: bytes) -> dict[str, Any]:
        """Import a file of households and wait for the job's end; returns its result."""
        answer = await self.caller.send(
            "POST",
            "/households/imports",
            params={"division": COUNTY},
            content=content,
            headers={"X-Filename": "households.csv"},
        )
        async with asyncio.timeout(_PATIENCE_SECONDS):
            return await self.caller.job(answer.headers["location"])


@asynccontextmanager
async def staged(households: int) -> AsyncIterator[Stage]:
    """Start everything, register households and open a campaign; leaving the block leaves nothing behind."""
    async with AsyncExitStack() as stack:
        folder = stack.enter_context(scratch_folder())
        installation = await stack.enter_async_context(installed(folder / "house", bus="amqp"))
        installation.environment |= _UNLIMITED
        os.environ.update(installation.environment)
        await stack.enter_async_context(ManyProcesses(installation.environment, folder / "logs"))
        secret = await register("bench", "测量", ROLES, [COUNTY])
        caller = await stack.enter_async_context(Caller(installation.public_url, "bench", secret))
        villages = villages_of_county()[:_VILLAGES]
        admin_url = installation.postgres.admin_url
        bare_url = await stack.enter_async_context(_bare_beside(admin_url))
        stage = Stage(installation, caller, Families(villages), villages, bare_url, admin_url, folder)
        await _furnish(stage, households)
        yield stage


async def _furnish(stage: Stage, households: int) -> None:
    await enter_divisions(stage.caller)
    await stage.take_in(stage.families.draw(households).content)
    stage.households = [line["id"] async for line in stage.caller.all("/households", division=COUNTY)]
    source = await asyncpg.connect(stage.database("fangfan_household"))
    target = await asyncpg.connect(stage.database("bare"))
    try:
        tables = ("household", "member", "income")
        await make_twin(source, target, tables)
        for table in tables:
            await copy_in(target, table, await copy_out(source, f"SELECT * FROM {table}"))  # noqa: S608 - ours
        for connection in (source, target):
            await connection.execute("VACUUM ANALYZE")
    finally:
        await source.close()
        await target.close()
    stage.campaign = await open_campaign(stage.caller)
    await settle(stage.installation)


async def enter_divisions(caller: Caller) -> None:
    """Enter the county's divisions."""
    await caller.send("POST", "/divisions/imports", content=_DIVISIONS.read_bytes())


async def open_campaign(caller: Caller) -> dict[str, Any]:
    """Open a campaign in the whole county."""
    # Its fieldwork is over by now, so that visits can be entered, and it is still open.
    starts_on, ends_on = today() - timedelta(days=60), today() + timedelta(days=30)
    plan = {
        "name": "集中排查",
        "year": starts_on.year,
        "division_code": COUNTY,
        "starts_on": str(starts_on),
        "ends_on": str(ends_on),
    }
    planned = await caller.post("/campaigns", plan)
    opened = await caller.post(f"/campaigns/{planned['id']}/opening", version=planned["version"])
    return dict(opened)


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """Have a folder for a house that is thrown away afterwards."""
    with TemporaryDirectory(prefix="fangfan-bench-") as name:
        # PostgreSQL, which never runs as root, must reach its data below it.
        Path(name).chmod(0o711)
        yield Path(name)


@asynccontextmanager
async def _bare_beside(admin_url: str) -> AsyncIterator[str]:
    """Run the bare application on the same database server."""
    url = await create_database(admin_url, "bare")
    connection = await asyncpg.connect(url)
    await connection.execute(bare.FINDING_TABLE)
    await connection.close()
    port = free_port()
    environment = {
        bare.DATABASE_VARIABLE: url,
        bare.PORT_VARIABLE: str(port),
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", bare.__name__, env={**os.environ, **environment}
    )
    try:
        await _until_it_answers(f"http://127.0.0.1:{port}/openapi.json")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        await process.wait()


async def _until_it_answers(url: str) -> None:
    async with aiohttp.ClientSession() as session, asyncio.timeout(30):
        while True:
            try:
                async with session.get(url):
                    return
            except aiohttp.ClientConnectionError:
                await asyncio.sleep(0.05)


def villages_of_county() -> list[str]:
    """Return the codes of the county's villages."""
    with _DIVISIONS.open(encoding="utf-8", newline="") as file:
        return [row["code"] for row in csv.DictReader(file) if row["level"] == "village"]
