"""The tests' own databases: fresh each time, under the roles that a real installation has."""

from __future__ import annotations

import asyncpg
import pytest

from deploy.provision import libpq_url
from tests.infrastructure.databases import DatabaseOf


@pytest.mark.parametrize("run", ["first", "second"])
async def test_each_test_gets_a_database_of_its_own(database_of: DatabaseOf, run: str) -> None:
    database = await database_of("trial")
    owner = await asyncpg.connect(libpq_url(database.owner_url))
    await owner.execute(f"CREATE TABLE only_in_the_{run} (id int)")
    tables = await owner.fetch("SELECT tablename FROM pg_tables WHERE tablename LIKE 'only_in_the_%'")
    await owner.close()
    assert [table["tablename"] for table in tables] == [f"only_in_the_{run}"]


async def test_it_is_migrated_and_open_to_the_application(database_of: DatabaseOf) -> None:
    database = await database_of("trial")
    application = await asyncpg.connect(libpq_url(database.url))
    try:
        assert await application.fetchval("SELECT count(*) FROM outbox") == 0
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await application.execute("DELETE FROM history")
    finally:
        await application.close()
