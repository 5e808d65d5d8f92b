"""Reviewing all eliminated objects at once, and what brings one back between reviews."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import text

from shared.contracts.household import HouseholdChanged, HouseholdRegistered
from shared.contracts.inspection import FindingRaised
from shared.identity.principal import system
from shared.keys import uuid7
from tests.clients import outbox_of
from tests.services.monitoring import forms
from tests.services.monitoring.conftest import (
    COUNTY,
    OTHER_VILLAGE,
    TOWN,
    VILLAGE,
    Scene,
    household,
    member,
    move,
)
from tests.services.monitoring.journey import eliminated, monitored
from tests.services.monitoring.screening import all_hits, run_job, screen

WELL_OFF: dict[str, Any] = {"income_per_capita": "12000.00", "housing_grade": "A", "water_safe": True}


def well(**changes: Any) -> HouseholdRegistered:
    """Return a household of which all is known and nothing is wrong."""
    members = (
        member("王建国", "1980-03-01", relationship="head", labour="ordinary", medical_insurance=True),
        member("王小雨", "2010-09-01", labour="none", school_status="primary", medical_insurance=True),
    )
    return household(**(WELL_OFF | {"members": members} | changes))


async def gone(scene: Scene, home: HouseholdRegistered) -> str:
    """Take a household through monitoring until its risk is eliminated; return the object's address."""
    scene.go_to(2021, 6, 10)
    thing = await monitored(scene, home.id)
    await eliminated(scene, thing)
    return thing


async def review(scene: Scene, division: str = COUNTY) -> str:
    """Review a division; return the review's address."""
    asked = await scene.county.post("/stability-reviews", json={"division": division})
    await run_job(scene.service, asked)
    return f"/stability-reviews/{asked.json()['id']}"


async def test_a_review_tells_the_stable_from_the_doubtful_and_from_what_is_not_known(scene: Scene) -> None:
    homes = [well(), well(), well()]
    await scene.known(*homes)
    things = [await gone(scene, home) for home in homes]
    never = await scene.known(well(housing_grade="D"))
    # What changes unseen by events of its own day: the review is to find it.
    async with scene.service.database.writing(system("tests")) as db:
        await db.execute(
            text("UPDATE household_replica SET income_per_capita = 5999, housing_grade = 'D' WHERE id = :id"),
            {"id": homes[1].id},
        )
        await db.execute(
            text("UPDATE household_replica SET water_safe = NULL WHERE id = :id"), {"id": homes[2].id}
        )
    address = await review(scene)
    report = (await scene.county.get(address)).json()
    assert (report["reviewed"], report["stable"], report["doubtful"], report["unknown"]) == (3, 1, 1, 1)
    assert (report["candidates"], report["retagged"]) == (1, 0)
    assert [(place["division_code"], place["doubtful"]) for place in report["places"]] == [(TOWN, 1)]
    assert report["places"][0]["division_name"] == "濉溪镇"
    assert {each["rule"]: each["objects"] for each in report["by_rule"]} == {
        "income_fell_back": 1,
        "housing_unsafe_again": 1,
    }
    listed = (await scene.county.get(f"{address}/objects")).json()["items"]
    said = {each["monitored_id"]: each for each in listed}
    verdicts = [said[thing.rpartition("/")[2]]["verdict"] for thing in things]
    assert verdicts == ["stable", "doubtful", "unknown"]
    doubtful = said[things[1].rpartition("/")[2]]
    assert doubtful["reasons"] == [
        "风险消除后住房又成危房：房屋鉴定等级：D级，属于C级、D级",
        "风险消除后收入又低于监测范围：家庭人均纯收入：5,999.00 元，不超过监测范围收入标准（6,000.00 元）",
    ]
    assert doubtful["status"] == "retag_candidate"
    assert said[things[2].rpartition("/")[2]]["unknown"] == ["饮水安全有保障"]
    assert (await scene.county.get(f"{address}/objects", params={"verdict": "stable"})).json()["items"][0][
        "monitored_id"
    ] == things[0].rpartition("/")[2]
    assert str(never.id) not in {each["household_id"] for each in listed}


async def test_a_review_reports_within_the_area_and_until_it_is_finished_nothing(scene: Scene) -> None:
    far = await scene.known(well(division_code=OTHER_VILLAGE))
    assert far.division_code == OTHER_VILLAGE
    asked = await scene.county.post("/stability-reviews", json={"division": COUNTY})
    address = f"/stability-reviews/{asked.json()['id']}"
    early = await scene.county.get(address)
    assert (early.status_code, early.json()["code"]) == (409, "review_unfinished")
    assert (await scene.county.get(f"{address}/objects")).status_code == 409
    await run_job(scene.service, asked)
    assert (await scene.county.get(address)).json()["reviewed"] == 0
    assert (await scene.village.get(address)).status_code == 404
    outside = await scene.town.post("/stability-reviews", json={"division": COUNTY})
    assert (outside.status_code, outside.json()["code"]) == (403, "outside_area")
    assert [each["id"] for each in (await scene.county.get("/stability-reviews")).json()["items"]] == [
        asked.json()["id"]
    ]


async def test_an_interrupted_review_ends_with_one_verdict_each(scene: Scene) -> None:
    home = await scene.known(well())
    await gone(scene, home)
    asked = await scene.county.post("/stability-reviews", json={"division": VILLAGE})
    await run_job(scene.service, asked)
    await run_job(scene.service, asked)
    report = (await scene.county.get(f"/stability-reviews/{asked.json()['id']}")).json()
    assert (report["reviewed"], report["stable"]) == (1, 1)


async def test_news_from_the_registry_makes_a_candidate_and_the_thread_shows_both_episodes(
    scene: Scene,
) -> None:
    home = await scene.known(well())
    thing = await gone(scene, home)
    scene.go_to(2022, 3, 1)
    await scene.service.tell(HouseholdChanged(**home.model_dump() | {"water_safe": False, "version": 2}))
    shown = (await scene.county.get(thing)).json()
    assert shown["status"] == "retag_candidate"
    (hit,) = await all_hits(scene.county)
    assert (hit["rule"], hit["risk_type"], hit["outcome"]) == (
        "water_unsafe_again",
        "water",
        "retag_candidate",
    )
    clue = f"/clues/{hit['clue_id']}"
    await move(scene.village, f"{clue}/acceptance", {"verdict": "水源干涸，属实"}, expect=201)
    await move(
        scene.town,
        f"{thing}/retagging",
        {"risk_type": "water", "cause": "水源干涸", "clue_id": hit["clue_id"]},
    )
    shown = await move(scene.county, f"{thing}/retagging/confirmation", forms.APPROVAL)
    assert [
        (each["risk_type"], each["retagged"], each["eliminated_on"] is None) for each in shown["episodes"]
    ] == [
        ("illness", False, False),
        ("water", True, True),
    ]
    told = [event["type"] for event in await outbox_of(scene.service)]
    assert "monitoring.risk_retagged.v1" in told
    why = (await scene.village.get(f"{thing}/explanation")).json()["reasons"]
    assert ["饮水安全有保障：否"] in [each["reasons"] for each in why]
    # Under watch again, no rule of stability speaks of it any more.
    await screen(scene.service, scene.county)
    assert await all_hits(scene.county, open=True) == []


async def test_a_finding_in_the_ledger_makes_a_candidate_of_an_eliminated_household_only(
    scene: Scene,
) -> None:
    home, other = well(), well()
    await scene.known(home, other)
    thing = await gone(scene, home)
    finding = FindingRaised(
        id=uuid7(),
        division_code=VILLAGE,
        version=1,
        campaign_id=uuid7(),
        item="A1-04",
        object_kind="household",
        household_id=home.id,
        source="assessment",
        status="raised",
        raised_on=date(2021, 12, 20),
    )
    unheard: list[dict[str, Any]] = [
        {"household_id": other.id, "id": uuid7()},
        {"item": "A8-01", "id": uuid7()},
        {"source": "visit", "id": uuid7()},
        {"household_id": None, "object_kind": "village", "id": uuid7()},
    ]
    await scene.service.tell(*(finding.model_copy(update=changes) for changes in unheard))
    assert (await scene.county.get(thing)).json()["status"] == "eliminated"
    await scene.service.tell(finding)
    await scene.service.tell(finding)
    assert (await scene.county.get(thing)).json()["status"] == "retag_candidate"
    (clue,) = (await scene.county.get("/clues", params={"risk_type": "water"})).json()["items"]
    assert [each["reference"] for each in clue["evidence"]] == [f"finding:{finding.id}"]


async def test_a_dismissed_doubt_is_not_raised_again(scene: Scene) -> None:
    home = await scene.known(well())
    thing = await gone(scene, home)
    await scene.service.tell(HouseholdChanged(**home.model_dump() | {"water_safe": False, "version": 2}))
    (hit,) = await all_hits(scene.county)
    clue = f"/clues/{hit['clue_id']}"
    await move(scene.village, f"{clue}/dismissal", {"reason": "已通自来水，登记有误"})
    await move(scene.town, f"{clue}/dismissal/confirmation")
    assert (await scene.county.get(thing)).json()["status"] == "eliminated"
    await screen(scene.service, scene.county)
    assert (await scene.county.get(thing)).json()["status"] == "eliminated"
    assert len(await all_hits(scene.county)) == 1
