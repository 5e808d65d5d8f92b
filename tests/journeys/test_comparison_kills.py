"""A department's file while whatever works on it is killed or restarted in each stage: one result, each clue once."""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from deploy.bench.people import People, register as register_people
from deploy.bench.stage import enter_divisions, villages_of_county
from deploy.clients import register
from deploy.demo.client import Caller
from deploy.local.house import ManyProcesses
from deploy.local.installation import Installation, installed

COUNTY = "340621000000"
#: Several parts' worth of rows; a smaller number makes the parts fewer, not the stages.
ROWS = int(os.environ.get("FANGFAN_TEST_ROWS", "2400000"))
PERSONS = 60_000

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]

#: A job whose process died 25 times is given up: of the many who are told of only every two thousandth is a stage.
_STAGE = """
    SELECT state, error, concat(
        (SELECT count(*) FROM comparison_part), checkpoint ? 'compared',
        (SELECT count(effective_at) FROM comparison), (SELECT count(outcome) / 2000 FROM comparison_alert),
        (SELECT count(finished_at) FROM comparison)) AS stage
    FROM job WHERE name = 'monitoring.comparison' ORDER BY requested_at DESC LIMIT 1
"""


@dataclass
class Office:
    """A department, the house around it, and the county's people."""

    installation: Installation
    processes: ManyProcesses
    caller: Caller
    people: People

    async def rows(self, query: str) -> list[asyncpg.Record]:
        """Look into monitoring's database, behind its walls."""
        url = self.installation.postgres.admin_url.rpartition("/")[0] + "/fangfan_monitoring"
        connection = await asyncpg.connect(url)
        try:
            return list(await connection.fetch(query))
        finally:
            await connection.close()

    async def send(self, path: Path) -> dict[str, Any]:
        """Hand in a file."""
        answer = await self.caller.send(
            "POST", "/comparisons/medical_expense", params={"period": "2026-05"}, content=path.read_bytes()
        )
        return dict(answer.json())

    async def disturb_each_stage(self) -> int:
        """Kill or restart something whenever the job has come a stage further, until it has ended."""
        faults = [
            self._kill_worker,
            self._restart_database,
            self._kill_worker,
            self._kill_database,
            self._restart_broker,
        ]
        seen = set[str]()
        while True:
            (job,) = await self.rows(_STAGE)
            if job["state"] in {"succeeded", "failed"}:
                assert job["state"] == "succeeded", job["error"]
                return len(seen)
            if job["stage"] not in seen:
                seen.add(job["stage"])
                await faults[len(seen) % len(faults)]()
            await asyncio.sleep(0.01)

    async def _kill_worker(self) -> None:
        self.processes.kill("monitoring", "worker")

    async def _restart_database(self) -> None:
        await asyncio.to_thread(self.installation.postgres.stop)
        await asyncio.to_thread(self.installation.postgres.start)

    async def _kill_database(self) -> None:
        await asyncio.to_thread(self.installation.postgres.kill)
        await asyncio.to_thread(self.installation.postgres.start)

    async def _restart_broker(self) -> None:
        assert self.installation.rabbitmq is not None
        await asyncio.to_thread(self.installation.rabbitmq.stop)
        await asyncio.to_thread(self.installation.rabbitmq.start)


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    tmp_path.chmod(0o711)
    async with installed(tmp_path / "house", bus="amqp") as installation:
        os.environ.update(installation.environment)
        async with ManyProcesses(installation.environment, tmp_path / "logs") as processes:
            url = installation.public_url
            officer = await register("officer", "县乡村振兴局", ["county_officer", "administrator"], [COUNTY])
            async with Caller(url, "officer", officer) as caller:
                await enter_divisions(caller)
            secret = await register("yibao", "县医疗保障局", ["department"], [COUNTY], ["medical_insurance"])
            people = People.draw(PERSONS)
            admin = await asyncpg.connect(
                installation.postgres.admin_url.rpartition("/")[0] + "/fangfan_monitoring"
            )
            await register_people(admin, people, villages_of_county())
            await admin.close()
            async with Caller(url, "yibao", secret) as department:
                yield Office(installation, processes, department, people)


async def test_whatever_is_killed_the_result_is_one(office: Office, tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    office.people.write_rows(path, ROWS, seed=1)
    taken, again = await asyncio.gather(office.send(path), office.send(path))
    assert again["id"] == taken["id"]
    assert await office.disturb_each_stage() >= 5
    batch = await office.caller.get(f"/comparisons/{taken['id']}")
    names = ("matched", "mismatched", "probable", "departed", "unmatched", "invalid")
    assert batch["rows"] == ROWS == sum(batch[name] for name in names)
    stored = {row["outcome"]: row["n"] for row in await office.rows(_OUTCOMES)}
    assert stored == {name: batch[name] for name in ("matched", "mismatched", "unmatched")}
    told = Counter(row["about"] for row in await office.rows(_CLUES))
    assert len(told) == batch["alerts"] > 0
    assert set(told.values()) == {1}
    (finished,) = await office.rows("SELECT count(*) AS n FROM comparison WHERE finished_at IS NOT NULL")
    assert finished["n"] == 1
    spool = Path(office.installation.environment["FANGFAN_SPOOL_DIR"])
    assert [file for file in spool.rglob("*") if file.is_file()] == []


_OUTCOMES = "SELECT outcome, sum(cardinality(line)) AS n FROM comparison_block GROUP BY outcome"
_CLUES = """
    SELECT concat(household_id, told ->> 'member_id', told ->> 'reference') AS about
    FROM clue, jsonb_array_elements(evidence) told
"""
