"""Results that nobody reads: whoever takes their time holds none of the connections that others need."""

from __future__ import annotations

from sqlalchemy import text

from shared.identity.principal import system
from shared.web.uploads import CSV
from tests.readers import ask_and_take_nothing
from tests.services.monitoring.comparing import Department, as_csv, number
from tests.services.monitoring.conftest import COUNTY, Scene, household, numbered

WANG = number(101)


async def test_more_readers_than_connections_lock_nobody_out(scene: Scene) -> None:
    await scene.known(household(members=(numbered("王建国", WANG),)))
    department = Department(scene.service, await scene.service.caller("department", COUNTY))
    batch = await department.send(as_csv([["王建国", WANG, "5", "住院"]] * 3))
    async with scene.service.database.writing(system("tests")) as db:
        # Each of its rows takes more room than lies between two processes.
        await db.execute(text("UPDATE division SET name = repeat('村', 3000000)"))
    assert await ask_and_take_nothing(scene.service, f"/comparisons/{batch['id']}/results", CSV, COUNTY)
    assert not list(scene.service.runtime.spool.iterdir())
