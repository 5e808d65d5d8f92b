"""A departmental comparison: from a file's upload to its finished reconciliation, beside what others would use."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any, Self

import asyncpg
import psutil

from deploy.bench import yardsticks
from deploy.bench.harness import Goal, Measured, Pairs
from deploy.bench.people import People, register
from deploy.bench.size import Size
from deploy.bench.stage import COUNTY, Stage
from deploy.bench.twin import create_database
from deploy.clients import register as register_client
from deploy.demo.client import Caller
from shared.crypto import fields

_RUNS = 3
#: A hundred thousand rows, of which the ORM is asked.
_FEWER = 100_000
MEGABYTE = 1024 * 1024
#: A month for which rules are in force. Each file is of it, and withdrawn once it is measured: none adds up to what
#: another one tells, nor takes another one's place.
PERIOD = "2021-05"
#: Of files and offices.
_NUMBERS = count()


@dataclass
class Office:
    """A department with a county of people to write about."""

    stage: Stage
    caller: Caller
    people: People

    def file(self, rows: int) -> Path:
        """Write a file of so many rows, different from all before."""
        path = self.stage.folder / f"rows-{rows}-{next(_NUMBERS)}.csv"
        self.people.write_rows(path, rows, seed=int(path.stem.rpartition("-")[2]))
        return path

    async def compare(self, path: Path) -> tuple[float, dict[str, Any]]:
        """Send a file and wait for its reconciliation; returns seconds and figures."""
        begun = time.perf_counter()
        with path.open("rb") as file:
            answer = await self.caller.send(
                "POST",
                "/comparisons/medical_expense",
                params={"period": PERIOD},
                content=_chunks(file),
                headers={"X-Filename": path.name},
            )
        figures = await self.caller.job(answer.headers["location"])
        return time.perf_counter() - begun, figures

    async def withdraw(self, figures: dict[str, Any]) -> None:
        """Let a measured batch count no more, so that the next one finds the county as this one did."""
        path = f"/comparisons/{figures['comparison_id']}"
        seen = {"If-Match": (await self.caller.send("GET", path)).headers["etag"]}
        answer = await self.caller.send(
            "POST", f"{path}/withdrawal", json={"reason": "measured"}, headers=seen
        )
        await self.caller.job(answer.headers["location"])


async def _chunks(file: Any) -> AsyncIterator[bytes]:
    while chunk := file.read(MEGABYTE):
        yield chunk


@asynccontextmanager
async def office_on(stage: Stage, persons: int) -> AsyncIterator[Office]:
    """Let a department be there, and monitoring know so many persons."""
    people = People.draw(persons)
    connection = await asyncpg.connect(stage.database("fangfan_monitoring"))
    try:
        if not await _are_known(connection, people):
            await register(connection, people, stage.villages)
    finally:
        await connection.close()
    name = f"yibao-{next(_NUMBERS)}"
    secret = await register_client(name, "县医疗保障局", ["department"], [COUNTY], ["medical_insurance"])
    async with Caller(stage.installation.public_url, name, secret) as caller:
        yield Office(stage, caller, people)


async def _are_known(connection: asyncpg.Connection, people: People) -> bool:
    """Tell whether another measurement has brought them already."""
    number, _ = people.persons[0]
    known = "SELECT EXISTS (SELECT FROM person_replica WHERE number_index = $1)"
    return bool(await connection.fetchval(known, fields.ring().blind_index(number)))


async def measure_comparison(stage: Stage, size: Size) -> list[Measured]:
    """Compare files beside DuckDB, pandas and a batched ORM on the same files, in turn."""
    async with office_on(stage, size.persons) as office:
        registry = stage.folder / "persons.csv"
        people = office.people
        people.write_registry(registry)
        bare = await create_database(stage.admin_url, "bare_comparison")
        await yardsticks.load_persons(bare, registry)
        runs = min(size.runs, _RUNS)
        ours, duckdb, pandas = list[float](), list[float](), list[float]()
        with MemoryWatch(stage) as memory:
            for _ in range(runs):
                path = office.file(size.compared)
                duckdb.append(await yardsticks.timed("duckdb", str(registry), str(path)))
                seconds, figures = await office.compare(path)
                ours.append(seconds)
                pandas.append(await yardsticks.timed("pandas", str(registry), str(path)))
                _adds_up(figures, size.compared)
                await office.withdraw(figures)
        beside_orm = await _beside_orm(office, bare, runs)
    data = (
        f"CSV of {size.compared:,} rows against {size.persons:,} persons copied into monitoring's replica; of the last "
        f"run {figures['matched']:,} matched, {figures['mismatched']:,} under another name, {figures['unmatched']:,} "
        f"unknown, {figures['invalid']:,} unreadable, {figures['alerts']:,} warnings"
    )
    peak = {"peak MB of the bulk process": memory.peak}
    return [
        Pairs(ours, duckdb).measured(
            "comparison.duckdb", Goal(6, at_most=True), unit="s", data=data, others=peak
        ),
        Pairs(ours, pandas).measured("comparison.pandas", Goal(2.5, at_most=True), unit="s", data=data),
        beside_orm.measured(
            "comparison.orm", Goal(12), unit="rows/s", data=f"CSV of {_FEWER:,} rows, the same persons"
        ),
    ]


async def _beside_orm(office: Office, bare: str, runs: int) -> Pairs:
    ours, orm = list[float](), list[float]()
    for _ in range(runs):
        path = office.file(_FEWER)
        seconds, figures = await office.compare(path)
        ours.append(_FEWER / seconds)
        await office.withdraw(figures)
        orm.append(_FEWER / await yardsticks.timed("orm", bare, str(path)))
    return Pairs(ours, orm)


def _adds_up(figures: dict[str, Any], rows: int) -> None:
    names = ("matched", "mismatched", "probable", "departed", "unmatched", "invalid")
    if figures["rows"] != rows or sum(figures[name] for name in names) != rows:
        raise RuntimeError(f"{rows} rows sent, and {figures}")


class MemoryWatch:
    """Looks at the memory of monitoring's bulk process, and of its API, while something runs."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self.peak = self.api_before = self.api_peak = 0.0

    def __enter__(self) -> Self:
        self.api_before = self._look()[1]
        self._task = asyncio.create_task(self._watch())
        return self

    def __exit__(self, *_: object) -> None:
        self._task.cancel()

    async def _watch(self) -> None:
        while True:
            bulk, api = self._look()
            self.peak, self.api_peak = max(self.peak, bulk), max(self.api_peak, api)
            await asyncio.sleep(0.1)

    def _look(self) -> tuple[float, float]:
        """Return megabytes of the bulk process and of the API's."""
        bulk = api = 0.0
        for process in psutil.Process().children(recursive=True):
            try:
                command, memory = " ".join(process.cmdline()), process.memory_info().rss / MEGABYTE
            except psutil.Error:
                continue
            if "shared.jobs.child" in command and "monitoring" in command:
                bulk += memory
            elif "monitoring" in command and " api" in command:
                api += memory
        return bulk, api
