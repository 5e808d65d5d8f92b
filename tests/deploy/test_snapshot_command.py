"""The commands that an operator types: take a snapshot, compare a replica with it, rebuild it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import pytest
from typer.testing import CliRunner

from deploy.cli import app
from deploy.local.keys import new_keys
from tests.infrastructure.databases import DatabaseOf


@dataclass
class Outcome:
    """What came of a command."""

    exit_code: int
    output: str


#: Runs a command.
Fangfan = Callable[..., Awaitable[Outcome]]


@pytest.fixture
async def fangfan(database_of: DatabaseOf, tmp_path: Path) -> Fangfan:
    """An installation with one division in the registry, and nothing in monitoring."""
    registry, monitoring = await database_of("household"), await database_of("monitoring")
    environment = new_keys() | {
        "FANGFAN_BUS_URL": "memory://",
        "FANGFAN_SPOOL_DIR": str(tmp_path),
        "FANGFAN_STORAGE_URL": tmp_path.as_uri(),
        "FANGFAN_HOUSEHOLD_DATABASE_URL": registry.url,
        "FANGFAN_MONITORING_DATABASE_URL": monitoring.url,
    }
    owner = await asyncpg.connect(registry.admin_url)
    await owner.execute(
        "INSERT INTO division (id, code, name, level, pinyin, initials) "
        "VALUES (gen_random_uuid(), '340621000000', '濉溪县', 'county', 'suixixian', 'sxx')"
    )
    await owner.close()

    def invoke(arguments: tuple[str, ...]) -> Outcome:
        result = CliRunner().invoke(app, list(arguments), env=environment)
        return Outcome(result.exit_code, result.output)

    async def run(*arguments: str) -> Outcome:
        return await asyncio.to_thread(invoke, arguments)

    return run


async def test_a_replica_is_compared_rebuilt_and_compared_again(fangfan: Fangfan, tmp_path: Path) -> None:
    file = str(tmp_path / "household.snapshot")
    taken = await fangfan("snapshot", "household", file)
    assert (taken.exit_code, "household.division_changed.v1: 1" in taken.output) == (0, True), taken.output
    outcomes = [
        (await fangfan("rebuild", "monitoring", file, *check)).exit_code
        for check in (["--check"], ["--check"], [], ["--check"])
    ]
    assert outcomes == [1, 1, 0, 0]


async def test_what_cannot_be_done_is_told_in_a_line(fangfan: Fangfan, tmp_path: Path) -> None:
    nothing = await fangfan("snapshot", "monitoring", str(tmp_path / "monitoring.snapshot"))
    assert (nothing.exit_code, "nobody rebuilds" in nothing.output) == (2, True), nothing.output
    (tmp_path / "list.csv").write_text("姓名")
    bad = await fangfan("rebuild", "monitoring", str(tmp_path / "list.csv"))
    assert (bad.exit_code, "cannot be read" in bad.output) == (2, True), bad.output
    nobody = await fangfan("rebuild", "gateway", str(tmp_path / "list.csv"))
    assert (nobody.exit_code, "keeps no replica" in nobody.output) == (2, True), nobody.output
