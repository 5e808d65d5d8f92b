"""Identification through the API: scopes, four eyes, votes, publicity, return, withdrawal, areas."""

from __future__ import annotations

from typing import Any

import pytest

from shared.keys import uuid7
from tests.clients import outbox_of
from tests.services.monitoring import forms
from tests.services.monitoring.conftest import OTHER_VILLAGE, TOWN, Scene, household, move
from tests.services.monitoring.journey import STEPS, open_case, walk, withdrawn


async def test_the_file_keeps_every_step_with_its_limit(scene: Scene) -> None:
    home = await scene.known(household())
    case = await open_case(scene, home.id)
    shown = await walk(scene, case)
    assert (shown["status"], shown["closed_on"], shown["category"]) == ("approved", "2021-06-14", "marginal")
    assert [line["entry"] for line in shown["timeline"]] == [step.replace("-", "_") for step, *_ in STEPS]
    check = shown["timeline"][1]
    assert (check["by_name"], check["due_on"], check["late"]) == ("village-1", "2021-06-16", False)
    assert check["content"]["officers"] == ["张强", "刘芳"]
    assert shown["judgement"]["doubts"] == []


@pytest.mark.parametrize("step", [step for step, *_ in STEPS])
async def test_a_step_belongs_to_its_people(scene: Scene, step: str) -> None:
    home = await scene.known(household())
    case = await open_case(scene, home.id)
    await walk(scene, case, until=step)
    outsiders = {
        "town-review": "village",
        "joint-check": "town",
        "county-approval": "town",
        "data-check": "town",
    }
    who = getattr(scene, outsiders.get(step, "province"))
    form = next(form for name, _, form, _ in STEPS if name == step)
    answer = await who.post(f"{case}/{step}", json=form, headers={"If-Match": '"1"'})
    assert answer.status_code == 403
    assert (await scene.village.post(f"{case}/consent", json=forms.CONSENT)).status_code == 428


async def test_four_eyes_through_the_door(scene: Scene) -> None:
    home = await scene.known(household())
    case = await open_case(scene, home.id)
    await move(scene.village, f"{case}/consent", forms.CONSENT)
    await move(scene.county, f"{case}/household-check", forms.CHECK)
    await move(scene.county, f"{case}/data-check", forms.DATA_CHECK)
    await move(scene.village, f"{case}/deliberation", forms.DELIBERATION)
    scene.go_to(2021, 6, 14)
    published = forms.PUBLICITY | {"from_on": "2021-06-10", "until_on": "2021-06-14"}
    await move(scene.village, f"{case}/publicity", published)
    own = await move(scene.county, f"{case}/town-review", forms.REVIEW, expect=409)
    assert own["code"] == "same_person"
    await move(scene.other_county, f"{case}/town-review", forms.REVIEW)
    for who in (scene.county, scene.other_county):
        refused = await move(who, f"{case}/joint-check", forms.JOINT_CHECK, expect=409)
        assert refused["code"] == "same_person"
    await move(scene.convener, f"{case}/joint-check", forms.JOINT_CHECK)
    for who in (scene.county, scene.other_county, scene.convener):
        refused = await move(who, f"{case}/county-approval", forms.APPROVAL, expect=409)
        assert refused["code"] == "same_person"
    third = await scene.service.caller("county_officer", "340621000000", subject="county-3")
    await move(third, f"{case}/county-approval", forms.APPROVAL)


async def test_above_the_line_without_hardship_nobody_is_tagged(scene: Scene) -> None:
    home = await scene.known(household())
    case = await open_case(scene, home.id)
    rich = {"income": forms.CHECK["income"] | {"wage": "90000.00"}}
    await walk(scene, case, until="county-approval", changed={"household-check": rich})
    refused = await move(scene.county, f"{case}/county-approval", forms.APPROVAL, expect=422)
    assert refused["code"] == "criteria_not_met"
    no = {"approved": False, "opinion": "收入稳定且高于监测范围"}
    shown = await move(scene.county, f"{case}/county-approval", no)
    assert (shown["status"], shown["reason"], shown["monitored_id"]) == ("refused", no["opinion"], None)
    kinds = [str(event["type"]) for event in await outbox_of(scene.service)]
    assert (kinds[-1], kinds.count("monitoring.household_tagged.v1")) == ("monitoring.case_closed.v1", 0)


async def test_a_case_is_returned_and_the_steps_are_done_again(scene: Scene) -> None:
    home = await scene.known(household())
    case = await open_case(scene, home.id)
    await walk(scene, case, until="town-review")
    back = {"to_step": "deliberation", "reason": "表决人数不足"}
    shown = await move(scene.town, f"{case}/return", back)
    assert (shown["step"], shown["reason"]) == ("deliberation", "表决人数不足")
    forward = {"to_step": "town_review", "reason": "x"}
    refused = await move(scene.town, f"{case}/return", forward, expect=409)
    assert refused["code"] == "not_an_earlier_step"
    refused = await move(scene.town, f"{case}/town-review", forms.REVIEW, expect=409)
    assert refused["code"] == "not_at_this_step"
    await move(scene.village, f"{case}/deliberation", forms.DELIBERATION)
    lines = (await scene.village.get(case)).json()["timeline"]
    assert [line["entry"] for line in lines][-2:] == ["return", "deliberation"]


async def test_a_vote_against_ends_the_case_with_the_minutes(scene: Scene) -> None:
    home = await scene.known(household())
    case = await open_case(scene, home.id)
    await walk(scene, case, until="deliberation")
    against = forms.DELIBERATION | {"votes_for": 0, "votes_against": 3, "minutes": "有商品房，不同意"}
    shown = await move(scene.village, f"{case}/deliberation", against)
    assert (shown["status"], shown["reason"]) == ("refused", "有商品房，不同意")


async def test_the_household_may_withdraw_until_the_county_has_approved(scene: Scene) -> None:
    home = await scene.known(household())
    case = await open_case(scene, home.id)
    await walk(scene, case, until="announcement")
    late = await move(scene.village, f"{case}/withdrawal", forms.WITHDRAWAL, expect=409)
    assert late["code"] == "approved_already"
    other = await scene.known(household())
    case = await open_case(scene, other.id)
    shown = await withdrawn(scene, case)
    assert (shown["status"], shown["reason"]) == ("withdrawn", forms.WITHDRAWAL["reason"])
    assert [line["entry"] for line in shown["timeline"]] == ["withdrawal_proposed", "withdrawal"]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        pytest.param({"until_on": "2021-06-13"}, "publicity_too_short", id="four days"),
        pytest.param({"until_on": "2021-06-20"}, "date_in_future", id="not over yet"),
        pytest.param({"from_on": "2021-06-01"}, "date_out_of_order", id="before the vote"),
        pytest.param(
            {"objections": [{"by": "村民", "words": "他家有车"}]}, "objection_unanswered", id="unanswered"
        ),
    ],
)
async def test_publicity_is_refused(scene: Scene, changes: dict[str, Any], code: str) -> None:
    home = await scene.known(household())
    case = await open_case(scene, home.id)
    await walk(scene, case, until="publicity")
    scene.go_to(2021, 6, 16)
    form = forms.PUBLICITY | {"from_on": "2021-06-10", "until_on": "2021-06-15"} | changes
    assert (await move(scene.village, f"{case}/publicity", form, expect=422))["code"] == code


@pytest.mark.parametrize(
    ("risk", "pointer"),
    [
        pytest.param(
            {"risk_type": "disaster", "cause": "洪水"}, "/risks/1/disaster_kind", id="which disaster"
        ),
        pytest.param({"risk_type": "illness", "cause": "重复"}, "/risks/1/risk_type", id="one twice"),
        pytest.param(
            {"risk_type": "schooling", "cause": "x", "member_id": str(uuid7())},
            "/risks/1/member_id",
            id="a stranger",
        ),
    ],
)
async def test_risks_that_contradict_themselves(scene: Scene, risk: dict[str, str], pointer: str) -> None:
    home = await scene.known(household())
    case = await open_case(scene, home.id)
    await walk(scene, case, until="household-check")
    form = forms.CHECK | {"risks": [*forms.CHECK["risks"], risk]}
    refused = await move(scene.village, f"{case}/household-check", form, expect=422)
    assert [fault["pointer"] for fault in refused["errors"]] == [pointer]


async def test_overdue_cases_are_found_and_areas_kept(scene: Scene) -> None:
    home, far = await scene.known(household()), household(OTHER_VILLAGE)
    await scene.known(far)
    mine = await open_case(scene, home.id)
    receipt = await scene.clue(far.id, scene.county)
    address = f"/clues/{receipt['clue_id']}/acceptance"
    theirs = (await move(scene.county, address, {"verdict": "属实"}, expect=201))["case_id"]
    listed: dict[str, Any] = {"status": "open", "step": "consent", "overdue": "true"}
    assert (await scene.county.get("/cases", params=listed)).json()["items"] == []
    scene.go_to(2021, 6, 18)
    items = (await scene.county.get("/cases", params=listed)).json()["items"]
    assert {item["id"] for item in items} == {mine.removeprefix("/cases/"), theirs}
    items = (await scene.county.get("/cases", params=listed | {"division": TOWN})).json()["items"]
    assert [item["head_name"] for item in items] == ["王建国"]
    assert (await scene.village.get(f"/cases/{theirs}")).status_code == 404


async def test_reading_a_file_takes_few_statements(scene: Scene) -> None:
    home = await scene.known(household())
    case = await open_case(scene, home.id)
    await walk(scene, case)
    async with scene.service.statements() as sent:
        await scene.village.get(case)
    # The scope, the case, its lines, its household, and the household's doubts.
    assert len(sent) <= 5


async def test_where_kin_sat_in_the_deliberation_two_approve(scene: Scene) -> None:
    home = await scene.known(household())
    case = await open_case(scene, home.id)
    await walk(scene, case, until="county-approval", changed={"deliberation": forms.DELIBERATION_WITH_KIN})
    shown = await move(scene.county, f"{case}/county-approval", forms.APPROVAL)
    assert (shown["status"], shown["step"], shown["monitored_id"]) == ("open", "county_approval", None)
    assert shown["awaits_second_approval"]
    assert [each["name"] for each in shown["kin_present"]] == ["王建军"]
    assert (await scene.county.get("/monitored")).json()["items"] == []
    alone = await move(scene.county, f"{case}/county-approval", forms.APPROVAL, expect=409)
    assert alone["code"] == "same_person"
    shown = await move(scene.other_county, f"{case}/county-approval", forms.APPROVAL)
    assert (shown["step"], shown["awaits_second_approval"]) == ("announcement", False)
    assert shown["monitored_id"]
    assert [line["entry"] for line in shown["timeline"]].count("county_approval") == 2


async def test_kin_do_not_check_and_do_not_review(scene: Scene) -> None:
    home = await scene.known(household())
    case = await open_case(scene, home.id)
    await move(scene.village, f"{case}/consent", forms.CONSENT)
    relatives = [{"name": "张强", "office": "村委会主任", "relation": "户主之舅"}]
    own = await move(
        scene.village, f"{case}/household-check", forms.CHECK | {"relatives": relatives}, expect=409
    )
    assert own["code"] == "kin_decides"
    relatives = [{"name": "town-1", "office": "镇扶贫专干", "relation": "户主之兄"}]
    shown = await move(scene.village, f"{case}/household-check", forms.CHECK | {"relatives": relatives})
    assert [each["office"] for each in shown["relatives"]] == ["镇扶贫专干"]
    await move(scene.county, f"{case}/data-check", forms.DATA_CHECK)
    await move(scene.village, f"{case}/deliberation", forms.DELIBERATION)
    scene.go_to(2021, 6, 14)
    published = forms.PUBLICITY | {"from_on": "2021-06-10", "until_on": "2021-06-14"}
    await move(scene.village, f"{case}/publicity", published)
    refused = await move(scene.town, f"{case}/town-review", forms.REVIEW, expect=409)
    assert refused["code"] == "kin_decides"
    other = await scene.service.caller("town_officer", TOWN, subject="town-2")
    await move(other, f"{case}/town-review", forms.REVIEW)


async def test_a_refusal_needs_no_second_person(scene: Scene) -> None:
    home = await scene.known(household())
    case = await open_case(scene, home.id)
    await walk(scene, case, until="county-approval", changed={"deliberation": forms.DELIBERATION_WITH_KIN})
    shown = await move(
        scene.county, f"{case}/county-approval", {"approved": False, "opinion": "收入稳定，不予纳入"}
    )
    assert shown["status"] == "refused"
