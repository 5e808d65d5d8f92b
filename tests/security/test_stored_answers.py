"""An answer that is kept for a repeated request shows a person's number to nobody who reads the database."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import asyncpg

from deploy.catalog import load
from tests.clients import under_test
from tests.infrastructure.databases import DatabaseOf

NOW = datetime(2021, 6, 10, 1, 0, tzinfo=UTC)
COUNTY, VILLAGE = "340621000000", "340621100001"
NUMBER = "340621196501011235"
DIVISIONS = Path(__file__).parents[2] / "deploy/demo/data/divisions_340621.csv"
HEAD = {"name": "王建国", "relationship": "head", "identity_number": NUMBER}


async def test_a_stored_answer_is_encrypted_and_replayed_in_the_clear(
    database_of: DatabaseOf, tmp_path: Path
) -> None:
    database = await database_of("household")
    async with under_test(load("household"), database, tmp_path, moment=NOW) as service:
        officer = await service.caller("county_officer", COUNTY)
        await officer.post("/divisions/imports", content=DIVISIONS.read_bytes())
        officer.headers["Idempotency-Key"] = "k1"
        household = {"division_code": VILLAGE, "members": [HEAD]}
        first, again = [await officer.post("/households", json=household) for _ in range(2)]
    assert first.status_code == again.status_code == 201
    assert again.headers["Idempotency-Replayed"] == "true"
    assert first.json() == again.json()
    assert first.json()["members"][0]["identity_number"] == NUMBER
    assert NUMBER.encode() not in await _stored(database.admin_url)


async def _stored(admin_url: str) -> bytes:
    connection = await asyncpg.connect(admin_url)
    try:
        return bytes(await connection.fetchval("SELECT body FROM answer"))
    finally:
        await connection.close()
