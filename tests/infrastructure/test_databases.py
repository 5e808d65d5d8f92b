"""The tests' own databases: fresh each time, under the roles that a real installation has."""

from __future__ import annotations

import asyncpg
import pytest

from deploy.provision import libpq_url
from tests.infrastructure.databases import DatabaseOf, ServiceDatabase


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


async def test_what_a_template_is_furnished_with_is_in_every_clone_and_was_put_there_once(
    database_of: DatabaseOf,
) -> None:
    clones = [await database_of("trial", with_a_table) for _ in range(2)]
    plain = await database_of("trial")
    assert [await has_it(each) for each in [*clones, plain]] == [True, True, False]
    assert furnished == ["trial"]


furnished: list[str] = []


async def with_a_table(database: ServiceDatabase) -> None:
    furnished.append("trial")
    owner = await asyncpg.connect(libpq_url(database.owner_url))
    await owner.execute("CREATE TABLE furniture (id int)")
    await owner.close()


async def has_it(database: ServiceDatabase) -> bool:
    owner = await asyncpg.connect(libpq_url(database.owner_url))
    found = await owner.fetchval("SELECT to_regclass('furniture')")
    await owner.close()
    return found is not None
