"""Inspection on a database of its own, with one town of households and an open campaign."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest

from services.inspection.app import SERVICE
from shared.contracts.household import DivisionChanged, HouseholdRegistered, MemberState
from shared.keys import uuid7
from tests.clients import ServiceUnderTest, under_test
from tests.infrastructure.databases import DatabaseOf

COUNTY = "340621000000"
TOWN, OTHER_TOWN = "340621100000", "340621101000"
VILLAGE, NEXT_VILLAGE, OTHER_VILLAGE = "340621100201", "340621100202", "340621101201"
#: The second day of fieldwork, in the morning.
FIELDWORK = datetime(2021, 6, 10, 1, 0, tzinfo=UTC)


@pytest.fixture
async def inspection(database_of: DatabaseOf, tmp_path: Path) -> AsyncIterator[ServiceUnderTest]:
    """The service, on the second day of fieldwork."""
    database = await database_of("inspection")
    async with under_test(SERVICE, database, tmp_path, moment=FIELDWORK) as service:
        await service.tell(
            *(
                DivisionChanged(code=code, name=name, level=level, version=1)
                for code, name, level in (
                    (COUNTY, "濉溪县", "county"),
                    (TOWN, "濉溪镇", "town"),
                    (OTHER_TOWN, "韩村镇", "town"),
                    (VILLAGE, "八里村", "village"),
                    (NEXT_VILLAGE, "蒙村", "village"),
                    (OTHER_VILLAGE, "小湖村", "village"),
                )
            )
        )
        yield service


def household(division_code: str = VILLAGE, **changes: Any) -> HouseholdRegistered:
    """A lifted household of a farmer, his school-age daughter and his mother."""
    facts: dict[str, Any] = {
        "id": uuid7(),
        "number": "3406211002010001",
        "division_code": division_code,
        "kind": "lifted",
        "head_name": "王建国",
        "members": (
            member("王建国", "1980-03-01", relationship="head", labour="ordinary", work_place="outside"),
            member("王小雨", "2010-09-01", relationship="daughter"),
            member("李秀英", "1950-01-01", relationship="mother", labour="none"),
        ),
        "housing_grade": "B",
        "water_safe": True,
        "income_year": 2020,
        "income_per_capita": "8200.00",
        "responsible_official": "赵敏",
        "version": 1,
    }
    return HouseholdRegistered(**(facts | changes))


def member(name: str, birth_date: str, **changes: Any) -> MemberState:
    """A person of a household."""
    facts = {"id": uuid7(), "name": name, "number_index": "ab" * 32, "sex": None, "birth_date": birth_date}
    return MemberState(**(facts | {"relationship": "other"} | changes))


@dataclass
class Scene:
    """An open campaign and the people who work in it."""

    service: ServiceUnderTest
    campaign_id: UUID
    county: httpx.AsyncClient
    town: httpx.AsyncClient
    village: httpx.AsyncClient

    @property
    def path(self) -> str:
        """The campaign's address."""
        return f"/campaigns/{self.campaign_id}"

    async def add(self, *registered: HouseholdRegistered) -> None:
        """Let the registry tell of households."""
        await self.service.tell(*registered)

    async def visit(self, registered: HouseholdRegistered, **changes: Any) -> httpx.Response:
        """Record a visit by the village officer."""
        return await self.village.post(f"{self.path}/visits", json=visit(registered, **changes))


def visit(registered: HouseholdRegistered, **changes: Any) -> dict[str, Any]:
    """A visit on the first day of fieldwork, with nothing found."""
    answers = {
        "household_id": str(registered.id),
        "visited_at": "2021-06-09T09:00:00+08:00",
        "officer": "张强",
    }
    return answers | changes


def failed(item: str, facts: str = "有问题", **more: Any) -> dict[str, Any]:
    """An answer that something is not as it should be."""
    return {"item": item, "ok": False, "facts": facts} | more


async def open_campaign(county: httpx.AsyncClient, **changes: Any) -> UUID:
    """Plan and open the campaign of the county's plan."""
    draft = {
        "name": "濉溪县2021年集中排查",
        "year": 2021,
        "division_code": COUNTY,
        "starts_on": "2021-06-06",
        "ends_on": "2021-06-28",
    }
    planned = await county.post("/campaigns", json=draft | changes)
    assert planned.status_code == 201, planned.text
    address = planned.headers["location"]
    opened = await county.post(f"{address}/opening", headers={"If-Match": planned.headers["etag"]})
    assert opened.status_code == 200, opened.text
    return UUID(planned.json()["id"])


@pytest.fixture
async def scene(inspection: ServiceUnderTest) -> Scene:
    """The county's campaign, open."""
    county = await inspection.caller("county_officer", COUNTY, subject="county-1")
    return Scene(
        service=inspection,
        campaign_id=await open_campaign(county),
        county=county,
        town=await inspection.caller("town_officer", TOWN, subject="town-1"),
        village=await inspection.caller("village_officer", VILLAGE, subject="village-1"),
    )


def on(day: int) -> datetime:
    """Return nine in the morning, in the county, of a day of June 2021."""
    return datetime.combine(date(2021, 6, day), datetime.min.time(), UTC).replace(hour=1)
