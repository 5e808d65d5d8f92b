"""A workshop on a database of its own, and the environment in which its processes find it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import asyncpg
import pytest

from deploy.provision import libpq_url
from tests.clients import under_test
from tests.infrastructure.databases import DatabaseOf
from tests.shared.jobs.shop import Shop
from tests.shared.jobs.workshop.app import SERVICE

_TABLE = "CREATE TABLE made (turn bigint GENERATED ALWAYS AS IDENTITY, what text, stage integer, pid integer)"


@pytest.fixture
async def shop(
    database_of: DatabaseOf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Shop]:
    place = await database_of("workshop")
    owner = await asyncpg.connect(libpq_url(place.owner_url))
    await owner.execute(_TABLE)
    await owner.close()
    admin = await asyncpg.connect(place.admin_url)
    async with under_test(SERVICE, place, tmp_path, moment=datetime.now(UTC)) as under:
        common = under.runtime.common
        monkeypatch.setenv("FANGFAN_BUS_URL", common.bus_url)
        monkeypatch.setenv("FANGFAN_KEY_RING", common.key_ring.get_secret_value())
        monkeypatch.setenv("FANGFAN_IDENTITY_PUBLIC_KEY", common.identity_public_key)
        monkeypatch.setenv("FANGFAN_SPOOL_DIR", str(common.spool_dir))
        monkeypatch.setenv("FANGFAN_STORAGE_URL", common.storage_url)
        monkeypatch.setenv("FANGFAN_WORKSHOP_DATABASE_URL", place.url)
        try:
            yield Shop(under, admin)
        finally:
            await admin.close()
