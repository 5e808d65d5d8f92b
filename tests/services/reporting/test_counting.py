"""Who is counted, how often, and where there is nobody to count."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest

from shared.contracts.household import DivisionChanged, HouseholdChanged
from shared.contracts.inspection import CampaignOpened
from shared.contracts.monitoring import MeasurePlanned
from shared.keys import uuid7
from tests.clients import ServiceUnderTest
from tests.services.reporting.test_reporting import (
    CAMPAIGN,
    COUNTY,
    OTHER_TOWN,
    OTHER_VILLAGE,
    TOWN,
    VILLAGE,
    figures,
    finding,
    household,
    reporting,
    visit,
)

__all__ = ["reporting"]


def measure(of: UUID, **changes: Any) -> MeasurePlanned:
    facts = {
        "id": uuid7(),
        "monitored_id": of,
        "household_id": uuid7(),
        "division_code": VILLAGE,
        "version": 1,
    }
    facts |= {"kind": "industry", "status": "planned", "planned_on": date(2021, 6, 20)}
    return MeasurePlanned(**(facts | changes))


async def test_households_without_anybody_are_not_due(reporting: ServiceUnderTest) -> None:
    lived_in, left = household(), household()
    nobody = tuple(person.model_copy(update={"left_on": date(2021, 6, 8)}) for person in left.members)
    merged = HouseholdChanged(
        **left.model_dump() | {"version": 2, "members": nobody, "merged_into": lived_in.id}
    )
    await reporting.tell(lived_in, left, merged)
    assert (await figures(reporting, "progress"))["total"]["households"] == 1
    traced = await figures(reporting, "progress/trace", figure="households")
    assert [item["id"] for item in traced["items"]] == [str(lived_in.id)]


async def test_who_was_visited_and_is_gone_since_is_due_in_that_campaign(reporting: ServiceUnderTest) -> None:
    seen, unseen = household(), household()
    nobody = tuple(person.model_copy(update={"left_on": date(2021, 6, 8)}) for person in seen.members)
    gone = HouseholdChanged(**seen.model_dump() | {"version": 2, "members": nobody})
    await reporting.tell(seen, unseen, visit(seen), gone)
    total = (await figures(reporting, "progress", campaign_id=str(CAMPAIGN)))["total"]
    assert (total["households"], total["visited"], total["members"]) == (2, 1, 1)
    traced = await figures(reporting, "progress/trace", figure="households", campaign_id=str(CAMPAIGN))
    assert sorted(item["id"] for item in traced["items"]) == sorted([str(seen.id), str(unseen.id)])
    assert (await figures(reporting, "progress"))["total"]["households"] == 1


async def test_those_are_due_whom_the_campaign_is_about(reporting: ServiceUnderTest) -> None:
    other = UUID(int=8)
    about = {"id": other, "division_code": COUNTY, "version": 1, "name": "回头看", "year": 2021}
    days = {"starts_on": date(2021, 7, 1), "ends_on": date(2021, 7, 9)}
    await reporting.tell(
        CampaignOpened(**about, **days, status="open", divisions=(TOWN,), kinds=("lifted",)),
        due := household(),
        household(kind="general"),
        household(OTHER_VILLAGE),
    )
    whole = await figures(reporting, "progress", campaign_id=str(CAMPAIGN))
    part = await figures(reporting, "progress", campaign_id=str(other))
    assert (whole["total"]["households"], whole["total"]["members"]) == (3, 3)
    assert (part["total"]["households"], part["total"]["members"]) == (1, 1)
    traced = await figures(reporting, "progress/trace", figure="households", campaign_id=str(other))
    assert [item["id"] for item in traced["items"]] == [str(due.id)]


@pytest.mark.parametrize(
    ("report", "figure"),
    [
        ("progress", "households"),
        ("progress", "members"),
        ("progress", "visited"),
        ("progress", "visits"),
        ("measures", "measures"),
        ("measures", "helped"),
    ],
)
async def test_what_a_figure_is_traced_to_adds_up_to_it_however_long_it_is(
    reporting: ServiceUnderTest, report: str, figure: str
) -> None:
    homes = [household(members=(household().members * 2)) for _ in range(3)]
    again, object_id = [visit(homes[0]), visit(homes[0]), visit(homes[1])], uuid7()
    await reporting.tell(
        *homes, *again, measure(object_id), measure(object_id, kind="health"), measure(uuid7())
    )
    number = (await figures(reporting, report))["total"][figure]
    items: list[dict[str, Any]] = []
    query: dict[str, Any] = {"figure": figure, "limit": 1}
    while page := await figures(reporting, f"{report}/trace", **query):
        items += page["items"]
        if page["next"] is None:
            break
        query["cursor"] = page["next"]
    assert sum(item["amount"] for item in items) == number > 1
    assert len({item["id"] for item in items}) == len(items)


async def test_a_total_counts_once_what_is_in_two_rows(reporting: ServiceUnderTest) -> None:
    object_id = uuid7()
    await reporting.tell(measure(object_id), measure(object_id, kind="health"))
    found = await figures(reporting, "measures", dimension="kind")
    assert [row["figures"]["helped"] for row in found["rows"]] == [1, 1]
    assert (found["total"]["measures"], found["total"]["helped"]) == (2, 1)


async def test_where_there_is_nothing_a_row_says_so(reporting: ServiceUnderTest) -> None:
    gone = {"code": "340621102000", "name": "旧镇", "level": "town", "valid_until": date(2021, 6, 9)}
    park = {"code": "340621400000", "name": "园区", "level": "park", "valid_from": date(2021, 6, 10)}
    elsewhere = {"code": "340622100000", "name": "外镇", "level": "town"}
    await reporting.tell(*(DivisionChanged(**each, version=1) for each in (gone, park, elsewhere)), finding())

    async def raised(**query: Any) -> list[tuple[str, int]]:
        rows = (await figures(reporting, "findings", **query))["rows"]
        return [(row["division_name"], row["figures"]["raised"]) for row in rows]

    assert await raised() == [("濉溪镇", 1), ("韩村镇", 0)]
    assert await raised(as_of="2021-06-08T10:00:00+08:00") == [("濉溪镇", 0), ("韩村镇", 0), ("旧镇", 0)]
    assert await raised(division=OTHER_TOWN) == [("韩村镇", 0)]
    assert await raised(dimension="area") == [("濉溪镇", 1)]
    reporting.clock.moment += timedelta(days=1)
    assert await raised() == [("濉溪镇", 1), ("韩村镇", 0), ("园区", 0)]
