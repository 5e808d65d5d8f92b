"""Monitoring on a database of its own, with one town of households and the people who work there."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest

from services.monitoring.app import SERVICE
from shared.contracts.household import DivisionChanged, HouseholdChanged, HouseholdRegistered, MemberState
from shared.crypto import fields
from shared.keys import uuid7
from tests.clients import ServiceUnderTest, under_test
from tests.infrastructure.databases import DatabaseOf
from tests.services.monitoring.spreading import spread

COUNTY = "340621000000"
TOWN, OTHER_TOWN = "340621100000", "340621101000"
VILLAGE, OTHER_VILLAGE = "340621100201", "340621101201"
#: Whether the tables that comparisons are made of lie in shards: what is tested is the same.
_IN_SHARDS = "FANGFAN_TEST_SHARDS" in os.environ
#: A valid number that belongs to nobody.
NUMBER = "34062119800301001X"


def morning(year: int, month: int, day: int) -> datetime:
    """Return nine in the morning, in the county, of a day."""
    return datetime(year, month, day, 1, tzinfo=UTC)


@pytest.fixture
async def monitoring(database_of: DatabaseOf, tmp_path: Path) -> AsyncIterator[ServiceUnderTest]:
    """The service, on the second day of fieldwork."""
    database = await database_of("monitoring", spread if _IN_SHARDS else None)
    async with under_test(SERVICE, database, tmp_path, moment=morning(2021, 6, 10)) as service:
        await tell_divisions(service)
        yield service


async def tell_divisions(service: ServiceUnderTest) -> None:
    """Let the county and its places be known."""
    await service.tell(
        *(
            DivisionChanged(code=code, name=name, level=level, version=1)
            for code, name, level in (
                (COUNTY, "濉溪县", "county"),
                (TOWN, "濉溪镇", "town"),
                (OTHER_TOWN, "韩村镇", "town"),
                (VILLAGE, "八里村", "village"),
                (OTHER_VILLAGE, "小湖村", "village"),
            )
        )
    )


def household(division_code: str = VILLAGE, **changes: Any) -> HouseholdRegistered:
    """A general household of a farmer, his school-age daughter and his mother."""
    facts: dict[str, Any] = {
        "id": uuid7(),
        "number": "3406211002010001",
        "division_code": division_code,
        "kind": "general",
        "head_name": "王建国",
        "members": (
            member("王建国", "1980-03-01", relationship="head", labour="ordinary", health=("serious",)),
            member("王小雨", "2010-09-01", relationship="daughter"),
            member("李秀英", "1950-01-01", relationship="mother", labour="none"),
        ),
        "income_year": 2020,
        "income_per_capita": "5200.00",
        "version": 1,
    }
    return HouseholdRegistered(**(facts | changes))


def member(name: str, birth_date: str, **changes: Any) -> MemberState:
    """A person of a household."""
    facts = {"id": uuid7(), "name": name, "number_index": None, "sex": None, "birth_date": birth_date}
    return MemberState(**(facts | {"relationship": "other"} | changes))


def without(home: HouseholdRegistered, *gone: UUID) -> HouseholdChanged:
    """The household's news that members of these ids have died."""
    died = {"left_on": date(2021, 6, 10), "leave_reason": "died"}
    members = tuple(each.model_copy(update=died) if each.id in gone else each for each in home.members)
    return HouseholdChanged(**(home.model_dump() | {"members": members, "version": home.version + 1}))


def numbered(name: str = "王建国", number: str = NUMBER, **changes: Any) -> MemberState:
    """A person whose identity number the registry knows."""
    index = fields.ring().blind_index(number).hex()
    return member(name, "1980-03-01", number_index=index, **changes)


@dataclass
class Scene:
    """The people who work here, and their service."""

    service: ServiceUnderTest
    village: httpx.AsyncClient
    town: httpx.AsyncClient
    county: httpx.AsyncClient
    other_county: httpx.AsyncClient
    province: httpx.AsyncClient
    #: Of the county as well: convenes the departments.
    convener: httpx.AsyncClient

    def go_to(self, year: int, month: int, day: int) -> None:
        """Let time pass."""
        self.service.clock.moment = morning(year, month, day)

    async def known(self, *registered: HouseholdRegistered) -> HouseholdRegistered:
        """Let the registry tell of households; return the first."""
        await self.service.tell(*registered)
        return registered[0]

    async def clue(
        self, household_id: UUID, by: httpx.AsyncClient | None = None, **more: Any
    ) -> dict[str, Any]:
        """Send in a clue."""
        draft = {"household_id": str(household_id), "risk_type": "illness", "source": "inspection"}
        answer = await (by or self.village).post("/clues", json=draft | {"facts": "住院自付较高"} | more)
        assert answer.status_code in {200, 201}, answer.text
        receipt: dict[str, Any] = answer.json()
        return receipt


@pytest.fixture
async def scene(monitoring: ServiceUnderTest) -> Scene:
    """Everybody at their desks."""

    async def caller(role: str, area: str, subject: str) -> httpx.AsyncClient:
        return await monitoring.caller(role, area, subject=subject)

    return Scene(
        service=monitoring,
        village=await caller("village_officer", VILLAGE, "village-1"),
        town=await caller("town_officer", TOWN, "town-1"),
        county=await caller("county_officer", COUNTY, "county-1"),
        other_county=await caller("county_officer", COUNTY, "county-2"),
        province=await caller("provincial_system", "340000000000", "province"),
        convener=await caller("county_officer", COUNTY, "convener-1"),
    )


@pytest.fixture
async def anybody(scene: Scene) -> httpx.AsyncClient:
    """Somebody without an account, as the gateway lets them in."""
    return await scene.service.caller("public", "000000000000")


async def move(
    caller: httpx.AsyncClient, address: str, body: dict[str, Any] | None = None, *, expect: int = 200
) -> dict[str, Any]:
    """POST to an address below a resource, on the resource's present version."""
    resource = "/".join(address.split("/")[:3])
    shown = await caller.get(resource)
    answer = await caller.post(
        address, json=body or {}, headers={"If-Match": shown.headers.get("etag", '"1"')}
    )
    assert answer.status_code == expect, answer.text
    result: dict[str, Any] = answer.json()
    return result
