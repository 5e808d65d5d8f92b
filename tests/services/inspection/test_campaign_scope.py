"""What a campaign covers, its pauses, and what it takes over from an earlier one."""

from __future__ import annotations

from typing import Any

import pytest

from tests.clients import ServiceUnderTest, outbox_of
from tests.services.inspection.conftest import (
    COUNTY,
    NEXT_VILLAGE,
    OTHER_TOWN,
    OTHER_VILLAGE,
    TOWN,
    VILLAGE,
    Scene,
    failed,
    household,
    on,
    open_campaign,
    visit,
)
from tests.services.inspection.test_campaigns import phases
from tests.services.inspection.test_findings import DONE, PLAN, move, raised

PLANNED = ((6, 8), (9, 15), (16, 25), (26, 28))


async def test_only_the_households_of_its_divisions_and_kinds_are_due(inspection: ServiceUnderTest) -> None:
    county = await inspection.caller("county_officer", COUNTY)
    campaign = await open_campaign(county, divisions=[VILLAGE, OTHER_TOWN], kinds=["lifted"])
    path = f"/campaigns/{campaign}"
    lifted, general = household(), household(kind="general")
    elsewhere, whole_town = household(NEXT_VILLAGE), household(OTHER_VILLAGE)
    await inspection.tell(lifted, general, elsewhere, whole_town)
    unvisited = (await county.get(f"{path}/unvisited")).json()["items"]
    assert {each["id"] for each in unvisited} == {str(lifted.id), str(whole_town.id)}
    progress = (await county.get(f"{path}/progress?by=village")).json()
    assert {each["division_code"]: each["due"] for each in progress["divisions"]} == {
        VILLAGE: 1,
        OTHER_VILLAGE: 1,
    }
    for home, status in ((lifted, 201), (whole_town, 201), (general, 422), (elsewhere, 422)):
        answer = await county.post(f"{path}/visits", json=visit(home))
        assert answer.status_code == status, answer.text
        assert status == 201 or answer.json()["code"] == "not_in_campaign"
    form = await county.get(f"{path}/visits/form?household_id={general.id}")
    assert form.json()["code"] == "not_in_campaign"
    shown = (await county.get(path)).json()
    assert (shown["divisions"], shown["kinds"]) == ([VILLAGE, OTHER_TOWN], ["lifted"])


@pytest.mark.parametrize(
    ("town", "code"),
    [(TOWN, None), (OTHER_TOWN, "not_in_campaign"), (VILLAGE, None), (NEXT_VILLAGE, "not_in_campaign")],
    ids=["the town of a village that takes part", "another town", "the village", "its neighbour"],
)
async def test_only_those_who_take_part_have_a_schedule(
    inspection: ServiceUnderTest, town: str, code: str | None
) -> None:
    county = await inspection.caller("county_officer", COUNTY)
    campaign = await open_campaign(county, divisions=[VILLAGE])
    draft = {"division_code": town, "phases": phases(*PLANNED)}
    answer = await county.put(f"/campaigns/{campaign}/schedule", json=draft)
    assert answer.json().get("code") == code


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"divisions": ["340622100201"]}, "not_in_campaign"),
        ({"kinds": ["rich"]}, "invalid"),
        ({"inherits": "0197a3c2-9999-7c3d-8e4f-5a6b7c8d9e0f"}, "not_found"),
    ],
    ids=["a village of another county", "a kind that there is not", "a campaign that there is not"],
)
async def test_a_scope_that_cannot_be_is_refused(
    inspection: ServiceUnderTest, changes: dict[str, Any], code: str
) -> None:
    county = await inspection.caller("county_officer", COUNTY)
    draft = {"name": "排查", "year": 2021, "division_code": COUNTY}
    draft |= {"starts_on": "2021-06-06", "ends_on": "2021-06-28"}
    answer = await county.post("/campaigns", json=draft | changes)
    assert answer.json()["code"] == code


async def test_a_phase_that_overruns_is_refused_with_the_phase_and_the_days(scene: Scene) -> None:
    draft = {"division_code": TOWN, "phases": phases((6, 8), (9, 15), (16, 25), (26, 30))}
    answer = (await scene.town.put(f"{scene.path}/schedule", json=draft)).json()
    assert answer["code"] == "outside_campaign"
    assert answer["detail"] == "工作总结阶段2021-06-26至2021-06-30，超出全县排查期限2021-06-06至2021-06-28"


async def test_while_a_campaign_is_paused_nobody_visits_but_rectification_goes_on(scene: Scene) -> None:
    home = household()
    await scene.add(home)
    finding = await raised(scene)
    tag = (await scene.county.get(scene.path)).headers["etag"]
    assert (await scene.town.post(f"{scene.path}/pause", json={"reason": "防汛"})).status_code == 428
    refused = await scene.town.post(f"{scene.path}/pause", json={"reason": "防汛"}, headers={"If-Match": tag})
    assert refused.json()["code"] == "outside_area", "a town does not pause the county's campaign"
    paused = await scene.county.post(
        f"{scene.path}/pause", json={"reason": "防汛"}, headers={"If-Match": tag}
    )
    assert (paused.json()["status"], paused.json()["reason"]) == ("paused", "防汛")
    answer = (await scene.visit(home)).json()
    assert (answer["code"], answer["detail"]) == ("campaign_paused", "排查工作已暂停：防汛")
    for name, body in (("plan", PLAN), ("rectification", DONE)):
        moved = await move(scene.village, finding, name, body)
        assert moved.status_code == 200
        finding = moved.json()
    again = {"If-Match": paused.headers["etag"]}
    assert (await scene.county.post(f"{scene.path}/pause", json={"reason": "x"}, headers=again)).json()[
        "code"
    ] == "campaign_paused"
    resumed = await scene.county.post(f"{scene.path}/resumption", headers=again)
    assert resumed.json()["status"] == "open"
    assert (await scene.visit(home)).status_code == 201
    twice = await scene.county.post(f"{scene.path}/resumption", headers={"If-Match": resumed.headers["etag"]})
    assert twice.json()["code"] == "campaign_not_paused"
    told = [event["type"] for event in await outbox_of(scene.service) if "campaign" in str(event["type"])]
    assert told == [f"inspection.campaign_{step}.v1" for step in ("opened", "paused", "resumed")]


async def test_a_second_campaign_takes_over_what_the_first_left_open(scene: Scene) -> None:
    home = household()
    await scene.add(home)
    recorded = await scene.visit(home, answers=[failed("A1-04"), failed("A7-01")])
    water, visits = recorded.json()["finding_ids"]
    village = await raised(scene)
    closed = (await scene.county.get(f"/findings/{visits}")).json()
    for caller, name, body in (
        (scene.village, "plan", PLAN),
        (scene.village, "rectification", DONE),
        (scene.county, "verification", {}),
    ):
        closed = (await move(caller, closed, name, body)).json()
    draft = {"name": "回头看", "year": 2021, "division_code": COUNTY, "inherits": str(scene.campaign_id)}
    draft |= {"starts_on": "2021-07-01", "ends_on": "2021-07-20"}
    planned = await scene.county.post("/campaigns", json=draft)
    path, tag = planned.headers["location"], {"If-Match": planned.headers["etag"]}
    early = await scene.county.post(f"{path}/opening", headers=tag)
    assert early.json()["code"] == "earlier_not_closed"
    first = await scene.county.get(scene.path)
    await scene.county.post(f"{scene.path}/closing", headers={"If-Match": first.headers["etag"]})
    scene.service.clock.moment = on(30)
    before = (await scene.county.get(f"/findings/{water}")).json()
    assert (await scene.county.post(f"{path}/opening", headers=tag)).status_code == 200
    mine = (await scene.county.get(f"/findings?campaign_id={planned.json()['id']}")).json()["items"]
    assert {each["id"] for each in mine} == {water, village["id"]}
    assert {each["inherited_from"] for each in mine} == {str(scene.campaign_id)}
    taken = next(each for each in mine if each["id"] == water)
    assert (taken["deadline_on"], taken["version"]) == (before["deadline_on"], before["version"] + 1)
    progress = [
        (await scene.county.get(f"{each}/progress")).json()["total"]["findings"]["raised"]
        for each in (scene.path, path)
    ]
    assert progress == [1, 2]
    history = (await scene.county.get(f"/findings/{water}/history")).json()["items"]
    assert history[-1]["fields"]["campaign_id"] == [str(scene.campaign_id), planned.json()["id"]]
    told = [event for event in await outbox_of(scene.service) if "inherited" in str(event["type"])]
    assert len(told) == 2
