"""The list of households in the order in which to go: page by page the same as all of it sorted at once."""

from __future__ import annotations

import random
from datetime import date
from typing import Any

import pytest

from services.inspection.assignments.turns import PRIORITY, UNIT
from shared.contracts.household import GridChanged, HouseholdChanged, HouseholdRegistered
from shared.contracts.monitoring import HouseholdTagged
from shared.domain.division import area_range
from shared.identity.principal import Principal
from shared.keys import uuid7
from tests.services.inspection.conftest import (
    COUNTY,
    NEXT_VILLAGE,
    OTHER_VILLAGE,
    TOWN,
    VILLAGE,
    Scene,
    household,
)

#: All of it, sorted at once; $1 campaign, $2 and $3 the area.
_AT_ONCE = f"""
    SELECT household.id::text AS id, household.division_code, {PRIORITY} AS priority, assignment.officer,
        (SELECT number FROM grid WHERE grid.id::text = household.facts ->> 'grid_id') AS grid_number,
        EXISTS (SELECT FROM coverage c WHERE c.campaign_id = $1 AND c.household_id = household.id) AS visited
    FROM assignment JOIN household ON household.id = assignment.household_id
    WHERE assignment.campaign_id = $1 AND household.inhabited AND household.division_code >= $2
        AND household.division_code < $3
    ORDER BY NOT {PRIORITY}, household.division_code, {UNIT}, household.number, household.id
"""  # noqa: S608 - the parts are the service's own
_FILTERS: list[dict[str, Any]] = [
    {},
    {"visited": True},
    {"visited": False},
    {"officer": "李梅"},
    {"officer": "李梅", "visited": False},
    {"officer": "没有这人"},
    {"division": VILLAGE},
    {"division": TOWN, "visited": False},
]
_AREAS = [(COUNTY,), (TOWN,), (VILLAGE, OTHER_VILLAGE)]


async def furnish(scene: Scene) -> list[HouseholdRegistered]:
    """Three villages of households that differ in little, assigned to two officers, some of them visited."""
    drawn = random.Random(20210610)
    grids = [
        GridChanged(id=uuid7(), division_code=VILLAGE, version=1, number=f"0{place}", name="网格")
        for place in range(2)
    ]
    await scene.service.tell(*grids)
    homes = [
        household(
            drawn.choice((VILLAGE, NEXT_VILLAGE, OTHER_VILLAGE)),
            number=f"{drawn.randrange(4):016}",
            group_name=drawn.choice((None, "东组", "西组")),
            grid_id=drawn.choice((None, None, grids[0].id, grids[1].id)),
            minimum_living=drawn.random() < 0.2,
            destitute=drawn.random() < 0.1,
        )
        for _ in range(60)
    ]
    await scene.add(*homes)
    await scene.service.tell(
        *(
            monitored(home, drawn.choice(("monitored", "eliminated", "closed")))
            for home in drawn.choices(homes, k=30)
        )
    )
    entries = [
        {"officer": "张强", "division_code": COUNTY},
        {"officer": "李梅", "household_ids": [str(home.id) for home in homes[::3]]},
    ]
    await scene.county.post(f"{scene.path}/assignments", json={"assignments": entries})
    for home in drawn.sample([each for each in homes if each.division_code == VILLAGE], 8):
        assert (await scene.visit(home)).status_code == 201
    gone = homes[7].model_dump() | {"merged_into": homes[8].id, "version": 2}
    await scene.service.tell(HouseholdChanged(**gone))
    return homes


def monitored(home: HouseholdRegistered, status: str) -> HouseholdTagged:
    """Tell of an object, of which a household may have had several."""
    return HouseholdTagged(
        id=uuid7(),
        division_code=home.division_code,
        version=1,
        household_id=home.id,
        category="marginal",
        status=status,
        contact=None,
        tagged_on=date(2021, 5, 1),
        eliminated_on=None,
        episodes=(),
    )


async def at_once(scene: Scene, areas: tuple[str, ...], asked: dict[str, Any]) -> list[dict[str, Any]]:
    """Return what somebody with these areas may see of what is asked, by one plain sort."""
    low, high = area_range(asked.get("division", COUNTY))
    async with scene.service.database.reading(Principal("x", "x", frozenset(), areas)) as db:
        rows = [dict(row) for row in await db.glance(_AT_ONCE, scene.campaign_id, low, high)]
    return [row for row in rows if all(row[key] == asked[key] for key in asked.keys() - {"division"})]


async def page_by_page(
    scene: Scene, areas: tuple[str, ...], asked: dict[str, Any], limit: int
) -> list[dict[str, Any]]:
    """Return all pages, one after another."""
    caller = await scene.service.caller("county_officer", *areas)
    seen: list[dict[str, Any]] = []
    cursor: dict[str, str] = {}
    while True:
        answer = await caller.get(
            f"{scene.path}/assignments/households", params=asked | cursor | {"limit": limit}
        )
        page = answer.json()
        seen += page["items"]
        assert len(page["items"]) == limit or not page["next"]
        if not page["next"]:
            return seen
        cursor = {"cursor": page["next"]}


async def test_pages_are_the_whole_list_in_its_order(scene: Scene) -> None:
    await furnish(scene)
    for areas in _AREAS:
        for asked in _FILTERS:
            whole = await at_once(scene, areas, asked)
            for limit in (5,) if asked else (3, 59):
                paged = await page_by_page(scene, areas, asked, limit)
                assert [{key: row[key] for key in _KEYS} for row in paged] == whole, (areas, asked, limit)
    assert len(await at_once(scene, (COUNTY,), {})) == 59, (
        "the one that is gone is nobody's to visit: a page of all"
    )


_KEYS = ("id", "division_code", "priority", "officer", "grid_number", "visited")


async def test_whoever_has_moved_is_listed_where_they_are_before_their_assignment_follows(
    scene: Scene,
) -> None:
    homes = await furnish(scene)
    moved = homes[0].model_dump() | {"division_code": OTHER_VILLAGE, "grid_id": None, "version": 2}
    await scene.service.tell(HouseholdChanged(**moved))
    paged = await page_by_page(scene, (COUNTY,), {}, 5)
    assert [{key: row[key] for key in _KEYS} for row in paged] == await at_once(scene, (COUNTY,), {})
    there = await page_by_page(scene, (COUNTY,), {"division": OTHER_VILLAGE}, 5)
    assert str(homes[0].id) in {row["id"] for row in there}


@pytest.mark.parametrize("first", [True, False], ids=["all are to be visited first", "nobody is"])
async def test_a_list_may_be_of_one_kind(scene: Scene, *, first: bool) -> None:
    homes = [household(number=f"{place % 3:016}", minimum_living=first) for place in range(7)]
    await scene.add(*homes)
    entries = [{"officer": "张强", "division_code": VILLAGE}]
    await scene.county.post(f"{scene.path}/assignments", json={"assignments": entries})
    paged = await page_by_page(scene, (COUNTY,), {}, 7)
    assert len(paged) == 7
    assert {row["priority"] for row in paged} == {first}
