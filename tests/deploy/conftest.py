"""The registry and the two services that keep replicas of it, on databases of their own."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
import pytest
from sqlalchemy import text
from sqlmodel import col, select

from services.household.app import SERVICE as HOUSEHOLD
from services.household.divisions.model import Grid
from services.household.households.model import Household, Member
from services.household.households.telling import tell
from services.household.snapshot import SNAPSHOT
from services.inspection.app import SERVICE as INSPECTION
from services.monitoring.app import SERVICE as MONITORING
from shared.contracts.envelope import Contract, parse_event
from shared.contracts.household import HouseholdRegistered
from shared.identity.principal import system
from shared.keys import uuid7
from shared.replicas.rebuilding import Figures, rebuild
from shared.replicas.snapshot import write_snapshot
from tests.clients import ServiceUnderTest, outbox_of, under_test
from tests.infrastructure.databases import DatabaseOf

COUNTY, VILLAGE, OTHER_VILLAGE = "340621000000", "340621100201", "340621101201"
DIVISIONS = Path(__file__).parents[2] / "deploy/demo/data/divisions_340621.csv"
NUMBER = "34062119800301001X"
NOW = datetime(2021, 6, 10, 1, tzinfo=UTC)
HOUSEHOLDS = "household.changed.v1"
TABLES = {
    "monitoring": ("division", "household_replica", "person_replica"),
    "inspection": ("division", "grid", "household"),
}


@dataclass
class House:
    """The registry, and the two that keep replicas of it."""

    registry: ServiceUnderTest
    monitoring: ServiceUnderTest
    inspection: ServiceUnderTest
    folder: Path

    async def settle(self, count: int = 3) -> list[UUID]:
        """Let households settle down in the registry, and tell of them; returns their ids."""
        households, members = [], []
        for number in range(count):
            home = Household(number=f"{number:04}", division_code=VILLAGE, head_name="王建国", member_count=2)
            head = Member(household_id=home.id, division_code=VILLAGE, name="王建国", relationship="head")
            if not number:
                head.identity_number = NUMBER
                head.number_index = self.registry.runtime.keys.blind_index(NUMBER)
            spouse = Member(household_id=home.id, division_code=VILLAGE, name="李秀英", relationship="spouse")
            households.append(home)
            members += [head, spouse]
        ids = [home.id for home in households]
        async with self.registry.database.writing(system("tests")) as db:
            db.add(*households, *members)
            await db.flush()
            await tell(db, registered=ids)
        return ids

    async def change(self, ids: Sequence[UUID], **facts: Any) -> None:
        """Change households in the registry, and tell of them."""
        async with self.registry.database.writing(system("tests")) as db:
            for home in await db.all(select(Household).where(col(Household.id).in_(ids))):
                for name, value in facts.items():
                    setattr(home, name, value)
            await db.flush()
            await tell(db, changed=ids)

    async def told(self, *, since: int = 0) -> list[Contract]:
        """Return what the registry has told."""
        events = [parse_event(raw) for raw in await outbox_of(self.registry)]
        return [event.data for event in events if event][since:]

    async def hear(self) -> None:
        """Let both hear all that the registry has told."""
        everything = await self.told()
        await self.monitoring.tell(*everything)
        await self.inspection.tell(*everything)

    async def snapshot(self) -> Path:
        """Take a snapshot."""
        path = self.folder / "household.snapshot"
        await write_snapshot(self.registry.database, SNAPSHOT, path)
        return path


@pytest.fixture
async def house(database_of: DatabaseOf, tmp_path: Path) -> AsyncIterator[House]:
    async with AsyncExitStack() as stack:
        services = [
            await stack.enter_async_context(
                under_test(service, await database_of(service.name), tmp_path, moment=NOW)
            )
            for service in (MONITORING, INSPECTION, HOUSEHOLD)
        ]
        monitoring, inspection, registry = services
        county = await registry.caller("county_officer", COUNTY)
        assert (await county.post("/divisions/imports", content=DIVISIONS.read_bytes())).status_code == 200
        async with registry.database.writing(system("tests")) as db:
            grid = Grid(division_code=VILLAGE, number="1", name="第一网格", groups=[])
            db.add(grid)
            await db.flush()
            db.record(grid.changed())
        yield House(registry, monitoring, inspection, tmp_path)


async def rebuilt(
    service: ServiceUnderTest, path: Path, *, check: bool = False, clocks_differ: timedelta = timedelta()
) -> dict[str, Figures]:
    """Rebuild, on one machine with one clock."""
    runtime = service.runtime
    return await rebuild(
        runtime.database, runtime.service, path, write=not check, clocks_differ=clocks_differ
    )


async def kept(service: ServiceUnderTest) -> dict[str, list[Any]]:
    """Return all that a service keeps of the registry, but for when it heard of it."""
    found = {}
    async with service.database.reading(system("tests")) as db:
        for table in TABLES[service.runtime.service.name]:
            rows = await db.rows(text(f"SELECT to_jsonb(t) - 'heard_at' FROM {table} t"))  # noqa: S608
            found[table] = sorted((row for (row,) in rows), key=orjson.dumps)
    return found


async def spoil(service: ServiceUnderTest, *statements: str) -> None:
    """Do to a replica what no event does."""
    async with service.database.writing(system("tests")) as db:
        for statement in statements:
            await db.execute(text(statement))


def household_of(**facts: Any) -> HouseholdRegistered:
    """A household that the registry does not know."""
    given: dict[str, Any] = {"id": uuid7(), "division_code": VILLAGE, "kind": "general", "members": ()}
    return HouseholdRegistered(**given, head_name="张三", version=1, **facts)
