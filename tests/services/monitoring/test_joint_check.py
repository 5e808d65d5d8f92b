"""The joint check: who is heard, what blocks, who may not record it, and what stood before the county when it came."""

from __future__ import annotations

from typing import Any

import pytest

from services.monitoring.cases.model import IdentificationCase
from tests.clients import outbox_of
from tests.replaying import history_replays
from tests.services.monitoring import forms
from tests.services.monitoring.conftest import COUNTY, Scene, household, move
from tests.services.monitoring.doubting import SAID, WANG, doubts, police_of, registered, told
from tests.services.monitoring.journey import STEPS, dates_of, open_case, walk
from tests.services.monitoring.upgrading import bring_up

HEARD = forms.JOINT_CHECK["opinions"]
CIVIL, MEDICAL, HEALTH, *_ = HEARD
AGAINST = {"opinion": "object", "reason": "慢病待遇已覆盖自付"}


async def awaiting(scene: Scene, **changed: dict[str, Any]) -> str:
    """Return the address of a case that waits for its joint check."""
    case = await open_case(scene, (await scene.known(household())).id)
    filled = {step.replace("_", "-"): form for step, form in changed.items()}
    await walk(scene, case, until="joint-check", changed=filled)
    return case


def said(*opinions: dict[str, Any]) -> dict[str, Any]:
    """Return the form with these opinions."""
    return forms.JOINT_CHECK | {"opinions": list(opinions)}


async def test_the_file_keeps_who_was_heard_what_they_said_and_by_which_rule_they_were_asked(
    scene: Scene,
) -> None:
    case = await awaiting(scene)
    answered = HEALTH | AGAINST | {"answer": "自付仍超过收入，见票据"}
    shown = await move(scene.convener, f"{case}/joint-check", said(CIVIL, MEDICAL, answered))
    assert (shown["step"], shown["level"]) == ("county_approval", "county")
    line = shown["timeline"][-1]
    assert (line["entry"], line["happened_on"], line["by_name"]) == (
        "joint_check",
        "2021-06-14",
        "convener-1",
    )
    # Two working days from the review on, over the Dragon Boat holiday.
    assert (line["due_on"], line["late"]) == ("2021-06-16", False)
    opinions = line["content"]["opinions"]
    assert [each["department"] for each in opinions] == ["civil_affairs", "medical_insurance", "health"]
    assert (opinions[2]["by"], opinions[2]["reason"]) == ("冯洁", AGAINST["reason"])
    judgement = line["content"]["judgement"]
    assert judgement["asked"] == ["civil_affairs", "medical_insurance", "health"]
    assert (judgement["version"], "样例" in judgement["source"]) == ("2021-sample", True)
    told_of = [event for event in await outbox_of(scene.service) if event["subject"] == shown["id"]]
    assert (told_of[-1]["type"], told_of[-1]["data"]["step"]) == (
        "monitoring.case_advanced.v1",
        "county_approval",
    )


@pytest.mark.parametrize(
    ("form", "code", "faults"),
    [
        pytest.param(
            said(CIVIL),
            "department_not_heard",
            [("/opinions", "medical_insurance"), ("/opinions", "health")],
            id="the departments of the risk are not there",
        ),
        pytest.param(
            said(CIVIL, MEDICAL, HEALTH | AGAINST), "opinion_unanswered", [], id="an objection has no answer"
        ),
        pytest.param(
            said(CIVIL, MEDICAL, HEALTH, HEARD[3] | {"opinion": "doubt", "reason": "学籍在外县"}),
            "opinion_unanswered",
            [],
            id="whoever has a doubt is answered",
        ),
        pytest.param(
            said(CIVIL, MEDICAL, HEALTH | {"opinion": "object"}),
            "invalid",
            [("/opinions/2/reason", "no_reason")],
            id="an objection says why",
        ),
        pytest.param(
            said(CIVIL, MEDICAL, HEALTH, CIVIL),
            "invalid",
            [("/opinions/3/department", "department_twice")],
            id="a department has one opinion",
        ),
    ],
)
async def test_a_joint_check_is_refused_by_name_and_changes_nothing(
    scene: Scene, form: dict[str, Any], code: str, faults: list[tuple[str, str]]
) -> None:
    case = await awaiting(scene)
    before = (await scene.county.get(case)).json()
    refused = await move(scene.convener, f"{case}/joint-check", form, expect=422)
    assert refused["code"] == code
    assert [(each["pointer"], each["code"]) for each in refused.get("errors", [])] == faults
    assert (await scene.county.get(case)).json() == before


async def test_each_risk_asks_its_own_departments(scene: Scene) -> None:
    risks = [{"risk_type": "schooling", "cause": "两名大学生"}, {"risk_type": "water", "cause": "旱季断水"}]
    case = await awaiting(scene, household_check={"risks": risks})
    refused = await move(scene.convener, f"{case}/joint-check", said(CIVIL, MEDICAL, HEALTH), expect=422)
    assert [each["code"] for each in refused["errors"]] == ["education", "water"]
    assert refused["detail"] == "教育、水利"


async def test_a_joint_check_that_comes_to_nothing_returns_the_case_and_all_is_done_again(
    scene: Scene,
) -> None:
    case = await awaiting(scene)
    back = {"to_step": "household_check", "reason": "医保认为自付支出需重新核算"}
    shown = await move(scene.convener, f"{case}/return", back)
    assert (shown["step"], shown["reason"]) == ("household_check", back["reason"])
    for step, who, form, _ in STEPS[1:]:
        shown = await move(getattr(scene, who), f"{case}/{step}", form | dates_of(scene, step))
    assert shown["status"] == "approved"
    assert [line["entry"] for line in shown["timeline"]].count("joint_check") == 1


async def test_who_recorded_the_deliberation_does_not_record_the_joint_check(scene: Scene) -> None:
    case = await open_case(scene, (await scene.known(household())).id)
    await walk(scene, case, until="deliberation")
    await move(scene.convener, f"{case}/deliberation", forms.DELIBERATION)
    published = forms.PUBLICITY | dates_of(scene, "publicity")
    await move(scene.village, f"{case}/publicity", published)
    await move(scene.town, f"{case}/town-review", forms.REVIEW)
    own = await move(scene.convener, f"{case}/joint-check", forms.JOINT_CHECK, expect=409)
    assert own["code"] == "same_person"
    await move(scene.other_county, f"{case}/joint-check", forms.JOINT_CHECK)


async def test_kin_neither_record_the_joint_check_nor_speak_there(scene: Scene) -> None:
    relatives = [
        {"name": name, "office": "县干部", "relation": "户主之兄"} for name in ("convener-1", HEALTH["by"])
    ]
    case = await awaiting(scene, household_check={"relatives": relatives})
    other = [HEALTH | {"by": "蒋华"} if each is HEALTH else each for each in HEARD]
    for who, form in ((scene.convener, said(*other)), (scene.other_county, forms.JOINT_CHECK)):
        assert (await move(who, f"{case}/joint-check", form, expect=409))["code"] == "kin_decides"
    await move(scene.other_county, f"{case}/joint-check", said(*other))


async def test_who_spoke_for_a_department_does_not_approve(scene: Scene) -> None:
    case = await awaiting(scene)
    form = said(CIVIL | {"by": "county-1"}, MEDICAL, HEALTH)
    await move(scene.convener, f"{case}/joint-check", form)
    for who in (scene.convener, scene.county):
        own = await move(who, f"{case}/county-approval", forms.APPROVAL, expect=409)
        assert own["code"] == "same_person"
    await move(scene.other_county, f"{case}/county-approval", forms.APPROVAL)


async def test_what_a_list_has_said_since_the_data_check_is_explained_first(scene: Scene) -> None:
    home, police = await registered(scene), await police_of(scene)
    case = await open_case(scene, home.id)
    await walk(scene, case, until="joint-check")
    await told(police, WANG)
    refused = await move(scene.convener, f"{case}/joint-check", forms.JOINT_CHECK, expect=422)
    (standing,) = await doubts(scene.county)
    assert refused["code"] == "doubt_unexplained"
    assert [(each["pointer"], each["code"]) for each in refused["errors"]] == [("", "vehicle")]
    await move(scene.village, f"/doubts/{standing['id']}/explanation", SAID)
    await move(scene.convener, f"{case}/joint-check", forms.JOINT_CHECK)


async def upgraded(scene: Scene, admin_url: str) -> tuple[str, str]:
    """Return a case that stood before the county when the joint check came, and one whose names hung out."""
    addresses = []
    for until in ("joint-check", "publicity"):
        scene.go_to(2021, 6, 10)
        addresses.append(await open_case(scene, (await scene.known(household())).id))
        await walk(scene, addresses[-1], until=until)
    scene.go_to(2021, 6, 14)
    # To when the town's review led to the county at once.
    back = (
        "ALTER TABLE identification_case DROP COLUMN deliberated_by, DROP COLUMN joint_checked_by",
        "UPDATE history SET image = image - 'deliberated_by' - 'joint_checked_by'",
        "UPDATE identification_case SET step = 'county_approval' WHERE step = 'joint_check'",
    )
    await bring_up(scene, admin_url, back=back, migration="2027_01_12_monitoring_joint_check")
    reviewed, published = addresses
    return reviewed, published


async def test_a_case_that_stood_before_the_county_is_not_asked_for_what_nobody_asked_then(
    scene: Scene, postgres_admin_url: str
) -> None:
    case, _ = await upgraded(scene, postgres_admin_url)
    await move(scene.county, f"{case}/county-approval", forms.APPROVAL)
    entered = forms.ANNOUNCEMENT | dates_of(scene, "announcement")
    shown = await move(scene.village, f"{case}/announcement", entered)
    assert shown["status"] == "approved"
    assert "joint_check" not in {line["entry"] for line in shown["timeline"]}
    await history_replays(scene.service, IdentificationCase, shown)
    missing = (await scene.county.get(f"/monitored/{shown['monitored_id']}/archive")).json()["missing"]
    assert {each["code"] for each in missing} >= {"review_signed", "approval_signed"}
    assert "joint_minutes" not in {each["code"] for each in missing}


async def test_the_county_may_have_it_checked_jointly_all_the_same_and_it_is_then_as_any_other(
    scene: Scene, postgres_admin_url: str
) -> None:
    case, _ = await upgraded(scene, postgres_admin_url)
    await move(scene.county, f"{case}/return", {"to_step": "joint_check", "reason": "请部门联审"})
    early = await move(scene.county, f"{case}/county-approval", forms.APPROVAL, expect=409)
    assert early["code"] == "not_at_this_step"
    # Who recorded the deliberation is known from the file.
    recorder = await scene.service.caller("county_officer", COUNTY, subject="village-1")
    own = await move(recorder, f"{case}/joint-check", forms.JOINT_CHECK, expect=409)
    assert own["code"] == "same_person"
    await move(scene.convener, f"{case}/joint-check", forms.JOINT_CHECK)
    shown = await move(scene.county, f"{case}/county-approval", forms.APPROVAL)
    assert shown["monitored_id"]
    await history_replays(scene.service, IdentificationCase, shown)


async def test_a_case_that_had_not_come_to_the_county_comes_to_the_joint_check_in_its_turn(
    scene: Scene, postgres_admin_url: str
) -> None:
    _, case = await upgraded(scene, postgres_admin_url)
    await move(scene.village, f"{case}/publicity", forms.PUBLICITY | dates_of(scene, "publicity"))
    shown = await move(scene.town, f"{case}/town-review", forms.REVIEW)
    assert shown["step"] == "joint_check"
    await history_replays(scene.service, IdentificationCase, shown)
