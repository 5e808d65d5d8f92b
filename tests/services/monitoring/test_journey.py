"""A household's whole way: clue, case, object, measure, elimination, and back on the same thread."""

from __future__ import annotations

from datetime import UTC, datetime

from tests.clients import outbox_of
from tests.services.monitoring import forms
from tests.services.monitoring.conftest import Scene, household, move
from tests.services.monitoring.journey import accepted, closed, eliminated, monitored


async def test_a_household_is_tagged_helped_eliminated_and_tagged_again(scene: Scene) -> None:
    home = await scene.known(household())
    thing = await monitored(scene, home.id)
    shown = (await scene.village.get(thing)).json()
    assert (shown["category"], shown["status"], shown["open_risks"]) == ("marginal", "monitored", ["illness"])
    assert shown["episodes"][0]["judgement"]["inputs"]["net_income_per_capita"] == "5100.00"
    assert shown["tagged_on"] == "2021-06-14"

    await move(scene.village, f"{thing}/contact", {"name": "赵敏", "unit": "镇财政所"})
    gone = await eliminated(scene, thing)
    assert (gone["status"], gone["eliminated_on"], gone["open_risks"]) == ("eliminated", "2021-12-20", [])
    assert gone["episodes"][0]["elimination"] == "by_help"

    scene.go_to(2022, 5, 10)
    receipt = await scene.clue(home.id, scene.town, risk_type="job_instability", facts="务工企业停产")
    assert receipt["outcome"] == "retag_candidate"
    assert f"/monitored/{receipt['monitored_id']}" == thing
    lead = await move(
        scene.village, f"/clues/{receipt['clue_id']}/acceptance", {"verdict": "属实"}, expect=201
    )
    assert (lead["case_id"], lead["monitored_id"]) == (None, receipt["monitored_id"])
    proposal = {"risk_type": "job_instability", "cause": "企业停产失业", "clue_id": receipt["clue_id"]}
    await move(scene.town, f"{thing}/retagging", proposal)
    again = await move(scene.county, f"{thing}/retagging/confirmation", {"opinion": "同意再标注"})
    assert (again["status"], again["retagged"], again["eliminated_on"]) == ("monitored", 1, None)
    assert [(e["risk_type"], e["eliminated_on"], e["retagged"]) for e in again["episodes"]] == [
        ("illness", "2021-12-20", False),
        ("job_instability", None, True),
    ]
    assert again["episodes"][1]["judgement"]["told"][0]["facts"] == "务工企业停产"


async def test_the_thread_can_be_read_as_it_stood_and_as_it_came_about(scene: Scene) -> None:
    home = await scene.known(household())
    thing = await monitored(scene, home.id)
    gone = await eliminated(scene, thing)
    scene.go_to(2022, 5, 10)
    await move(scene.town, f"{thing}/retagging", {"risk_type": "illness", "cause": "复发"})
    await move(scene.county, f"{thing}/retagging/confirmation", {"opinion": "同意再标注"})
    before = datetime(2021, 12, 31, tzinfo=UTC).isoformat()
    past = (await scene.village.get(thing, params={"as_of": before})).json()
    for nowhen in ("2021-06-12T08:00:00", "9999-12-31T23:59:59-12:00"):
        assert (await scene.village.get(thing, params={"as_of": nowhen})).status_code == 422, nowhen
    assert (past["status"], len(past["episodes"]), past["version"]) == ("eliminated", 1, gone["version"])
    story = (await scene.village.get(f"{thing}/history")).json()["items"]
    statuses = [change["fields"]["status"] for change in story if "status" in change["fields"]]
    assert [after for _, after in statuses] == [
        "monitored",
        "elimination_proposed",
        "eliminated",
        "retag_candidate",
        "monitored",
    ]


async def test_every_step_is_told_in_order_with_the_whole_state(scene: Scene) -> None:
    home = await scene.known(household())
    await eliminated(scene, await monitored(scene, home.id))
    events = await outbox_of(scene.service)
    kinds = [str(event["type"]).removeprefix("monitoring.").removesuffix(".v1") for event in events]
    assert kinds == [
        "clue_received",
        "clue_settled",
        "case_opened",
        *["case_advanced"] * 8,
        "household_tagged",
        "case_closed",
        "measure_planned",
        "measure_changed",
        *["object_changed"] * 3,
        "risk_eliminated",
    ]
    for subject in {event["subject"] for event in events}:
        sequences = [event["sequence"] for event in events if event["subject"] == subject]
        assert sequences == list(range(1, len(sequences) + 1))
    last = events[-1]["data"]
    assert isinstance(last, dict)
    assert (last["status"], last["eliminated_on"]) == ("eliminated", "2021-12-20")
    assert [episode["elimination"] for episode in last["episodes"]] == ["by_help"]


async def test_a_candidate_whose_clue_is_dismissed_is_eliminated_as_before(scene: Scene) -> None:
    home = await scene.known(household())
    thing = await monitored(scene, home.id)
    await eliminated(scene, thing)
    receipts = [await scene.clue(home.id, risk_type=risk) for risk in ("illness", "water")]
    for receipt, status in zip(receipts, ("retag_candidate", "eliminated"), strict=True):
        await move(scene.village, f"/clues/{receipt['clue_id']}/dismissal", {"reason": "误报"})
        await move(scene.town, f"/clues/{receipt['clue_id']}/dismissal/confirmation")
        assert (await scene.village.get(thing)).json()["status"] == status


async def test_a_returned_risk_may_be_turned_down_by_the_county(scene: Scene) -> None:
    home = await scene.known(household())
    thing = await monitored(scene, home.id)
    await eliminated(scene, thing)
    await move(scene.town, f"{thing}/retagging", {"risk_type": "illness", "cause": "复发"})
    twice = {"risk_type": "water", "cause": "停水"}
    refused = await move(scene.town, f"{thing}/retagging", twice, expect=409)
    assert refused["code"] == "retagging_pending"
    shown = await move(scene.county, f"{thing}/retagging/return", {"reason": "自付已封顶"})
    assert (shown["status"], shown["retagged"], shown["retaggings"][0]["stage"]) == (
        "eliminated",
        0,
        "returned",
    )


async def test_a_retagging_that_waits_for_the_county_outlives_a_dismissed_clue(scene: Scene) -> None:
    home = await scene.known(household())
    thing = await monitored(scene, home.id)
    await eliminated(scene, thing)
    await move(scene.town, f"{thing}/retagging", {"risk_type": "illness", "cause": "复发"})
    told = await scene.clue(home.id, risk_type="water")
    await move(scene.village, f"/clues/{told['clue_id']}/dismissal", {"reason": "误报"})
    await move(scene.town, f"/clues/{told['clue_id']}/dismissal/confirmation")
    assert (await scene.village.get(thing)).json()["status"] == "retag_candidate"
    again = await move(scene.county, f"{thing}/retagging/confirmation", forms.APPROVAL)
    assert (again["status"], again["open_risks"]) == ("monitored", ["illness"])


async def test_a_clue_verified_after_another_risk_was_turned_down_waits_for_the_town(scene: Scene) -> None:
    home = await scene.known(household())
    thing = await monitored(scene, home.id)
    await eliminated(scene, thing)
    told = await scene.clue(home.id, risk_type="water")
    await move(scene.town, f"{thing}/retagging", {"risk_type": "illness", "cause": "复发"})
    await move(scene.county, f"{thing}/retagging/return", {"reason": "自付已封顶"})
    await move(scene.village, f"/clues/{told['clue_id']}/acceptance", {"verdict": "属实"}, expect=201)
    shown = (await scene.village.get(thing)).json()
    assert (shown["status"], shown["due_on"]) == ("retag_candidate", "2021-12-27")
    last = (await outbox_of(scene.service))[-1]
    assert isinstance(last["data"], dict)
    assert (last["type"], last["data"]["status"]) == ("monitoring.object_changed.v1", "retag_candidate")


async def test_news_of_a_monitored_household_is_no_noise_and_a_further_risk_joins_it(scene: Scene) -> None:
    home = await scene.known(household())
    thing = await monitored(scene, home.id)
    known = await scene.clue(home.id)
    assert (known["outcome"], known["clue_id"]) == ("already_monitored", None)
    lead = await accepted(scene, home.id, risk_type="schooling")
    assert f"/monitored/{lead['monitored_id']}" == thing
    risk = {"risk_type": "schooling", "cause": "长女入读高中", "member_id": str(home.members[1].id)}
    shown = await move(scene.town, f"{thing}/risks", risk | {"clue_id": lead["clue_id"]})
    assert shown["open_risks"] == ["illness", "schooling"]
    assert [episode["rank"] for episode in shown["episodes"]] == [1, 2]
    again = await move(scene.town, f"{thing}/risks", risk, expect=409)
    assert again["code"] == "risk_open_already"


async def test_a_closed_household_comes_back_on_its_old_thread(scene: Scene) -> None:
    home = await scene.known(household())
    thing = await monitored(scene, home.id)
    shown = await closed(scene, thing, **forms.MISTAKEN)
    assert (shown["status"], shown["open_risks"], shown["closure"]) == ("closed", [], "wrongly_identified")
    scene.go_to(2021, 9, 1)
    assert await monitored(scene, home.id) == thing
    again = (await scene.village.get(thing)).json()
    assert (again["status"], len(again["episodes"]), again["closure"]) == ("monitored", 2, None)
    assert forms.CHECK["risks"][0]["risk_type"] == again["open_risks"][0]
