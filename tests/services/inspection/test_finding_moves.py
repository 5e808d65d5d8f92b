"""Moves besides the straight way to closure: start, transfer, merger, escalation, and repeats that are recognised."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.clients import outbox_of
from tests.services.inspection.conftest import NEXT_VILLAGE, Scene, failed, household, on
from tests.services.inspection.test_findings import DONE, PLAN, move, raised

OFFER = {"unit": "县住建局", "reason": "属住房安全职责"}
REASON = {"reason": "逾期未整改"}


async def taken(
    caller: httpx.AsyncClient, finding: dict[str, Any], name: str, body: dict[str, Any]
) -> dict[str, Any]:
    """Make a move that is expected to succeed."""
    answer = await move(caller, finding, name, body)
    assert answer.status_code == 200, answer.text
    moved: dict[str, Any] = answer.json()
    return moved


async def refused(caller: httpx.AsyncClient, finding: dict[str, Any], name: str, body: dict[str, Any]) -> str:
    """Make a move that is expected to be refused; return the code."""
    answer = await move(caller, finding, name, body)
    assert 400 <= answer.status_code < 500, answer.text
    return str(answer.json()["code"])


async def test_rectification_has_a_beginning(scene: Scene) -> None:
    finding = await raised(scene)
    assert await refused(scene.village, finding, "start", {}) == "not_under_rectification"
    finding = await taken(scene.village, finding, "plan", PLAN)
    finding = await taken(scene.village, finding, "start", {})
    assert finding["status"] == "rectifying"
    finding = await taken(scene.village, finding, "rectification", DONE)
    assert finding["status"] == "submitted"


async def test_another_unit_accepts_a_finding_or_refuses_it_and_nothing_moves_meanwhile(scene: Scene) -> None:
    finding = await taken(scene.village, await raised(scene), "plan", PLAN)
    finding = await taken(scene.village, finding, "transfer", OFFER)
    assert (finding["status"], finding["responsible_unit"]) == ("planned", PLAN["responsible_unit"])
    assert (finding["transfer_to"], finding["transfer_reason"]) == (OFFER["unit"], OFFER["reason"])
    waiting = (await scene.county.get("/findings?transferring=true")).json()["items"]
    assert [each["id"] for each in waiting] == [finding["id"]]
    for name, body in (("plan", PLAN), ("start", {}), ("rectification", DONE), ("transfer", OFFER)):
        assert await refused(scene.village, finding, name, body) == "transfer_pending"
    person = {"responsible_person": "周凯"}
    assert await refused(scene.village, finding, "transfer/acceptance", person) == "same_person_transfers"
    finding = await taken(scene.county, finding, "transfer/refusal", {"reason": "不属本单位职责"})
    assert (finding["responsible_unit"], finding["transfer_to"], finding["reason"]) == (
        PLAN["responsible_unit"],
        None,
        "不属本单位职责",
    )
    finding = await taken(scene.village, finding, "transfer", OFFER)
    finding = await taken(scene.county, finding, "transfer/acceptance", person)
    assert (finding["responsible_unit"], finding["responsible_person"]) == (OFFER["unit"], "周凯")
    assert (finding["status"], finding["transfer_to"]) == ("planned", None)
    assert await refused(scene.county, finding, "transfer/acceptance", person) == "no_transfer"
    of_unit = (await scene.county.get("/findings", params={"unit": OFFER["unit"]})).json()["items"]
    assert [each["id"] for each in of_unit] == [finding["id"]]
    told = [
        str(event["type"]) for event in await outbox_of(scene.service) if "transfer" in str(event["type"])
    ]
    assert told == [
        f"inspection.finding_{step}.v1"
        for step in ("transfer_proposed", "transfer_refused", "transfer_proposed", "transferred")
    ]


async def test_a_plan_for_many_passes_over_what_another_unit_has_yet_to_accept(scene: Scene) -> None:
    waiting, other = await raised(scene), await raised(scene, item="A3-03")
    await taken(scene.village, waiting, "transfer", OFFER)
    batch = {"campaign_id": str(scene.campaign_id), "plan": PLAN}
    planned = await scene.village.post("/findings/batch-plan", json=batch)
    assert planned.json()["planned"] == 1
    assert (await scene.village.get(f"/findings/{other['id']}")).json()["status"] == "planned"
    assert (await scene.village.get(f"/findings/{waiting['id']}")).json()["status"] == "raised"


async def test_a_duplicate_leaves_the_ledger_and_comes_back_if_it_was_none(scene: Scene) -> None:
    first, second = await raised(scene), await raised(scene)
    body = {"into": first["id"], "reason": "同一问题登记两次"}
    assert await refused(scene.county, first, "merger", body) == "cannot_merge_into"
    other = await raised(scene, item="A3-03")
    assert await refused(scene.county, second, "merger", body | {"into": other["id"]}) == "another_matter"
    elsewhere = await raised(scene, by=scene.county, division_code=NEXT_VILLAGE)
    assert await refused(scene.county, second, "merger", body | {"into": elsewhere["id"]}) == "another_matter"
    answer = await move(scene.village, second, "merger", body)
    assert answer.status_code == 403, "whoever may verify may merge"
    second = await taken(scene.county, second, "merger", body)
    assert (second["status"], second["merged_into"], second["overdue"]) == ("merged", first["id"], False)
    assert await refused(scene.village, second, "plan", PLAN) == "cannot_plan"
    progress = (await scene.county.get(f"{scene.path}/progress")).json()["total"]["findings"]
    assert (progress["raised"], progress["open"], progress["merged"]) == (4, 3, 1)
    second = await taken(scene.county, second, "reopening", {"reason": "实为两个问题"})
    assert (second["status"], second["merged_into"]) == ("reopened", None)


async def test_escalation_goes_from_the_village_to_the_town_to_the_county(scene: Scene) -> None:
    finding = await raised(scene)
    assert finding["level"] == "village"
    finding = await taken(scene.village, finding, "escalation", REASON)
    assert (finding["level"], finding["escalated_on"], finding["reason"]) == (
        "town",
        "2021-06-10",
        REASON["reason"],
    )
    finding = await taken(scene.town, finding, "escalation", REASON)
    assert finding["level"] == "county"
    assert await refused(scene.county, finding, "escalation", REASON) == "highest_level"
    listed = (await scene.county.get("/findings?level=county")).json()["items"]
    assert [each["id"] for each in listed] == [finding["id"]]
    finding = await taken(scene.county, finding, "plan", PLAN)
    finding = await taken(scene.village, finding, "rectification", DONE)
    finding = await taken(scene.county, finding, "verification", {})
    assert await refused(scene.county, finding, "escalation", REASON) == "already_ended"


@pytest.mark.parametrize(
    ("item", "level"),
    [("A1-05", "village"), ("A2-05", "town"), ("A6-01", "county")],
    ids=["a village's", "an operator's", "the county's"],
)
async def test_a_finding_lies_first_with_whoever_answers_for_its_object(
    scene: Scene, item: str, level: str
) -> None:
    assert (await raised(scene, by=scene.county, item=item))["level"] == level


async def test_the_same_matter_found_again_within_a_year_is_linked(scene: Scene) -> None:
    home, neighbour = household(), household()
    await scene.add(home, neighbour)
    girl, boy = home.members[1].id, home.members[0].id
    first = await scene.visit(
        home, answers=[failed("A1-04"), failed("A1-02", member_id=str(girl)), failed("A7-01")]
    )
    await scene.visit(neighbour, answers=[failed("A1-04")])
    scene.service.clock.moment = on(18)
    again = await scene.visit(
        home,
        visited_at="2021-06-18T09:00:00+08:00",
        answers=[
            failed("A1-04"),
            failed("A1-02", member_id=str(girl)),
            failed("A1-02", member_id=str(boy)),
            failed("A1-03"),
        ],
    )
    found = {}
    for finding_id in again.json()["finding_ids"]:
        finding = (await scene.village.get(f"/findings/{finding_id}")).json()
        found[finding["item"], finding["member_id"]] = finding["repeats"]
    water, insured, _ = first.json()["finding_ids"]
    assert found == {
        ("A1-04", None): water,
        ("A1-02", str(girl)): insured,
        ("A1-02", str(boy)): None,
        ("A1-03", None): None,
    }
    repeated = (await scene.village.get("/findings?repeated=true")).json()["items"]
    assert {each["repeats"] for each in repeated} == {water, insured}


async def test_a_repeat_is_the_newest_before_it_and_no_older_than_a_year(scene: Scene) -> None:
    old = await raised(scene, raised_on="2020-06-09")
    kept = await raised(scene, raised_on="2020-06-10")
    newest = await raised(scene, raised_on="2021-06-09")
    today = await raised(scene)
    assert [each["repeats"] for each in (old, kept, newest, today)] == [
        None,
        old["id"],
        kept["id"],
        newest["id"],
    ]
    assert (await raised(scene, raised_on="2020-06-08"))["repeats"] is None, (
        "what comes later is no repeat of it"
    )
