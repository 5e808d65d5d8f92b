"""A small service of our own on a database of its own: what the shared rooms promise is asked of it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from shared.database.migrating import migrate
from tests.clients import ServiceUnderTest, under_test
from tests.infrastructure.databases import DatabaseOf
from tests.shared.notes.app import SERVICE

COUNTY, VILLAGE, OTHER_TOWN = "340621000000", "340621100001", "340621101000"
NOW = datetime(2021, 6, 10, 1, 0, tzinfo=UTC)


@pytest.fixture
async def notes(database_of: DatabaseOf, tmp_path: Path) -> AsyncIterator[ServiceUnderTest]:
    database = await database_of("notes")
    await migrate(SERVICE.migrations, SERVICE.metadata, database.owner_url)
    async with under_test(SERVICE, database, tmp_path, moment=NOW) as service:
        yield service


@pytest.fixture
async def writer(notes: ServiceUnderTest) -> httpx.AsyncClient:
    """Somebody who writes notes in the whole county."""
    return await notes.caller("county_officer", COUNTY)


def a_note(
    words: str = "饮水", *, village: str = VILLAGE, rank: int = 0, slowly: float = 0
) -> dict[str, object]:
    return {"division_code": village, "words": words, "rank": rank, "slowly": slowly}
