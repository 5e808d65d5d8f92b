"""A worker in a process of its own: it tells how it is, and what it has done."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from deploy.local.keys import new_keys
from deploy.local.processes import free_port
from tests.infrastructure.databases import DatabaseOf

_SECONDS = 60


@pytest.fixture
async def worker(database_of: DatabaseOf, amqp_url: str, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    """The reporting service's: it has no jobs of its own, only the house's errands."""
    database, port = await database_of("reporting"), free_port()
    environment = new_keys() | {
        "FANGFAN_BUS_URL": amqp_url,
        "FANGFAN_SPOOL_DIR": str(tmp_path),
        "FANGFAN_STORAGE_URL": tmp_path.as_uri(),
        "FANGFAN_REPORTING_DATABASE_URL": database.url,
        "FANGFAN_REPORTING_WORKER_PORT": str(port),
        "FANGFAN_PARENT": str(os.getpid()),
    }
    with (tmp_path / "worker.log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "deploy.cli",
            "run",
            "reporting",
            "worker",
            env=os.environ | environment,
            stdout=log,
            stderr=log,
        )
        try:
            async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=10) as client:
                yield client
        finally:
            process.terminate()
            await process.wait()


async def test_a_worker_says_when_it_is_ready_and_what_it_did(worker: httpx.AsyncClient) -> None:
    async with asyncio.timeout(_SECONDS):
        while not await _is_ready(worker):
            await asyncio.sleep(0.1)
    assert (await worker.get("/readyz")).json() == {
        "checks": {"database": "ok", "bus": "ok", "draining": "ok"}
    }
    assert (await worker.get("/healthz")).status_code == 200
    told = (await worker.get("/metrics")).text
    families = {family.name: family for family in text_string_to_metric_families(told)}
    assert {"fangfan_job_seconds", "process_cpu_seconds"} <= families.keys()
    behind = {each.labels["source"]: each.value for each in families["fangfan_lag_seconds"].samples}
    assert behind == {"household": 0, "inspection": 0, "monitoring": 0}
    assert [each.value for each in families["fangfan_queue_messages"].samples] == [0]
    assert [each.value for each in families["fangfan_outbox_age_seconds"].samples] == [0]
    # It answers nobody else.
    assert (await worker.get("/api/v1/reports")).status_code == 404


async def _is_ready(worker: httpx.AsyncClient) -> bool:
    try:
        return (await worker.get("/readyz")).status_code == 200
    except httpx.TransportError:
        return False
