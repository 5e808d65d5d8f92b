"""Campaigns: phases, town schedules, opening and closing, who sees and who runs them."""

from __future__ import annotations

from datetime import date, timedelta

import asyncpg
import pytest
from hypothesis import given, strategies as st

from services.inspection.campaigns.errors import CampaignTooShort
from services.inspection.campaigns.phases import PhaseKind, check_phases, default_phases
from tests.clients import ServiceUnderTest, outbox_of
from tests.services.inspection.conftest import (
    COUNTY,
    OTHER_TOWN,
    TOWN,
    VILLAGE,
    Scene,
    household,
    open_campaign,
)

FIRST, LAST = date(2021, 6, 6), date(2021, 6, 28)


@pytest.mark.check
def test_the_plans_own_days_are_divided_as_in_the_plan() -> None:
    phases = default_phases(FIRST, LAST)
    assert [(phase.starts_on.day, phase.ends_on.day) for phase in phases] == [
        (6, 8),
        (9, 15),
        (16, 25),
        (26, 28),
    ]


@pytest.mark.check
@given(days=st.integers(0, 400))
def test_any_campaign_is_divided_without_gap_or_overlap(days: int) -> None:
    last = FIRST + timedelta(days)
    if days < len(PhaseKind) - 1:
        with pytest.raises(CampaignTooShort):
            default_phases(FIRST, last)
        return
    phases = default_phases(FIRST, last)
    check_phases(phases, starts_on=FIRST, ends_on=last)
    covered = [
        phase.starts_on + timedelta(n)
        for phase in phases
        for n in range((phase.ends_on - phase.starts_on).days + 1)
    ]
    assert covered == [FIRST + timedelta(n) for n in range(days + 1)]


async def test_a_campaign_opens_once_and_closes_once(inspection: ServiceUnderTest) -> None:
    county = await inspection.caller("county_officer", COUNTY)
    address = f"/campaigns/{await open_campaign(county)}"
    again = await county.post(f"{address}/opening", headers={"If-Match": '"2"'})
    assert again.json()["code"] == "campaign_not_planned"
    assert (await county.post(f"{address}/closing", headers={"If-Match": '"1"'})).status_code == 412
    closed = await county.post(f"{address}/closing", headers={"If-Match": '"2"'})
    assert closed.json()["status"] == "closed"
    told = [event["type"] for event in await outbox_of(inspection)]
    assert told == ["inspection.campaign_opened.v1", "inspection.campaign_closed.v1"]


async def test_a_village_sees_the_countys_campaign_and_a_town_does_not_run_it(scene: Scene) -> None:
    assert (await scene.village.get(scene.path)).json()["name"] == "濉溪县2021年集中排查"
    refused = await scene.town.post(f"{scene.path}/closing", headers={"If-Match": '"2"'})
    assert (refused.status_code, refused.json()["code"]) == (403, "outside_area")
    elsewhere = await scene.service.caller("county_officer", "340622000000")
    assert (await elsewhere.get(scene.path)).status_code == 404
    assert (await elsewhere.get("/campaigns")).json()["items"] == []


def phases(*days: tuple[int, int]) -> list[dict[str, str]]:
    """The four phases with these first and last days of June."""
    return [
        {"kind": kind, "starts_on": f"2021-06-{first:02}", "ends_on": f"2021-06-{last:02}"}
        for kind, (first, last) in zip(PhaseKind, days, strict=True)
    ]


@pytest.mark.parametrize(
    ("code", "days", "division"),
    [
        pytest.param(None, ((6, 7), (8, 12), (10, 24), (25, 26)), TOWN, id="earlier, phases overlapping"),
        pytest.param("outside_campaign", ((6, 8), (9, 15), (16, 25), (26, 29)), TOWN, id="past the deadline"),
        pytest.param("phases_out_of_order", ((9, 15), (6, 8), (16, 25), (26, 28)), TOWN, id="out of order"),
        pytest.param("phases_out_of_order", ((8, 6), (9, 15), (16, 25), (26, 28)), TOWN, id="backwards"),
        pytest.param("outside_area", ((6, 8), (9, 15), (16, 25), (26, 28)), OTHER_TOWN, id="of another town"),
    ],
)
async def test_a_town_sets_its_own_days(
    scene: Scene, code: str | None, days: tuple[tuple[int, int], ...], division: str
) -> None:
    draft = {"division_code": division, "phases": phases(*days)}
    answer = await scene.town.put(f"{scene.path}/schedule", json=draft)
    assert answer.json().get("code") == code
    listed = (await scene.village.get(f"{scene.path}/schedule")).json()["items"]
    assert len(listed) == (code is None)


async def test_changing_a_schedule_keeps_one(scene: Scene) -> None:
    for last in (15, 17):
        draft = {"division_code": TOWN, "phases": phases((6, 8), (9, last), (16, 25), (26, 28))}
        answer = await scene.town.put(f"{scene.path}/schedule", json=draft)
    assert answer.json()["version"] == 2
    assert len((await scene.county.get(f"{scene.path}/schedule")).json()["items"]) == 1


async def test_checklists_are_served_with_their_items(scene: Scene) -> None:
    listed = (await scene.village.get("/checklists")).json()["items"]
    assert [each["version"] for each in listed] == ["2021"]
    one = (await scene.village.get("/checklists/2021")).json()
    assert [len(area["items"]) for area in one["areas"]] == [9, 7, 5, 3, 4, 5, 6, 5]
    assert (await scene.village.get("/checklists/1999")).status_code == 404


async def test_the_application_role_sees_only_the_area_of_its_transaction(
    inspection: ServiceUnderTest,
) -> None:
    await inspection.tell(household(VILLAGE), household("340621101201"))
    url = inspection.runtime.settings.database_url.get_secret_value().replace("+asyncpg", "")
    connection = await asyncpg.connect(url)
    try:
        count = "SELECT count(*) FROM household"
        assert await connection.fetchval(count) == 0
        async with connection.transaction():
            await connection.execute(
                "SELECT set_config('fangfan.area_low', '340621100', true), "
                "set_config('fangfan.area_high', '340621101', true), set_config('fangfan.areas', '', true)"
            )
            assert await connection.fetchval(count) == 1
    finally:
        await connection.close()
