"""The registry on a database of its own, with the divisions of a real county."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx
import pytest
from stdnum.cn import ric

from services.household.app import SERVICE
from tests.clients import ServiceUnderTest, under_test
from tests.infrastructure.databases import DatabaseOf, ServiceDatabase

COUNTY, TOWN, OTHER_TOWN = "340621000000", "340621100000", "340621101000"
VILLAGE, OTHER_VILLAGE = "340621100001", "340621101201"
DIVISIONS = Path(__file__).parents[3] / "deploy/demo/data/divisions_340621.csv"
NOW = datetime(2021, 6, 10, 1, 0, tzinfo=UTC)


@pytest.fixture
async def registry(database_of: DatabaseOf, tmp_path: Path) -> AsyncIterator[ServiceUnderTest]:
    database = await database_of("household", with_divisions)
    async with under_test(SERVICE, database, tmp_path, moment=NOW) as service:
        yield service


async def with_divisions(database: ServiceDatabase) -> None:
    with TemporaryDirectory() as folder:
        async with under_test(SERVICE, database, Path(folder), moment=NOW) as service:
            county = await service.caller("county_officer", COUNTY)
            answer = await county.post("/divisions/imports", content=DIVISIONS.read_bytes())
            assert answer.json()["accepted"] == 260


@pytest.fixture
async def county(registry: ServiceUnderTest) -> httpx.AsyncClient:
    return await registry.caller("county_officer", COUNTY)


def number(birth: str = "19650101", order: str = "123", region: str = "340621") -> str:
    """A valid identity number."""
    return (seventeen := f"{region}{birth}{order}") + ric.calc_check_digit(f"{seventeen}?")


def a_household(*, village: str = VILLAGE, order: str = "123", **changes: Any) -> dict[str, Any]:
    head = {"name": "王建国", "relationship": "head", "identity_number": number(order=order)}
    spouse = {
        "name": "李秀英",
        "relationship": "spouse",
        "identity_number": number("19660203", f"{int(order) + 1}"),
    }
    return {"division_code": village, "phone": "13800001234", "members": [head, spouse]} | changes


async def registered(client: httpx.AsyncClient, **changes: Any) -> httpx.Response:
    answer = await client.post("/households", json=a_household(**changes))
    assert answer.status_code == 201, answer.text
    return answer
