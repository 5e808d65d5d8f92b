"""Exports that nobody reads: whoever takes their time holds none of the connections that others need."""

from __future__ import annotations

import asyncio

import httpx
import pytest
from sqlalchemy import text

from services.household.exports import queries
from shared.identity.principal import system
from shared.web.uploads import CSV, NDJSON, XLSX
from tests.clients import ServiceUnderTest
from tests.readers import ask_and_take_nothing
from tests.services.household.conftest import COUNTY, registered


@pytest.mark.parametrize("kind", [CSV, NDJSON])
async def test_more_readers_than_connections_lock_nobody_out(
    registry: ServiceUnderTest, county: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setattr(queries, "CHUNK", 1)
    await registered(county)
    async with registry.database.writing(system("tests")) as db:
        # Each of its people takes more room than lies between two processes.
        await db.execute(text("UPDATE household SET address = repeat('路', 3000000)"))
    assert await ask_and_take_nothing(registry, f"/households/export?division={COUNTY}", kind, COUNTY)
    assert not list(registry.runtime.spool.iterdir())


async def test_as_many_workbooks_as_there_are_connections_wait_for_no_other(
    county: httpx.AsyncClient,
) -> None:
    await registered(county)
    path, headers = f"/households/export?division={COUNTY}", {"Accept": XLSX}
    answers = await asyncio.gather(*(county.get(path, headers=headers) for _ in range(8)))
    assert [answer.status_code for answer in answers] == [200] * 8
