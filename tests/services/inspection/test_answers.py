"""Typed answers: what is taken, what it means, what it corrects; and what the form already knows."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from services.inspection.checklists.answers import (
    AnswerContradicts,
    BadAnswer,
    Expected,
    Value,
    VerdictNeeded,
    settled,
)
from shared.refusal import Refusal
from tests.clients import outbox_of
from tests.services.inspection.conftest import Scene, household, member

GRADE = Expected(type="choice", codes="housing_grade", fails=("C", "D"))
MONTHS = Expected(type="number", unit="个月", least=0, most=12, fails_below=1)
PLACE = Expected(type="choice", codes="work_place")
YES_NO = Expected()


@pytest.mark.check
@pytest.mark.parametrize(
    ("expected", "ok", "value", "meant"),
    [
        pytest.param(YES_NO, True, None, (True, True), id="yes"),
        pytest.param(YES_NO, None, False, (False, False), id="no, by its value"),
        pytest.param(GRADE, None, "A", (True, "A"), id="a good grade"),
        pytest.param(GRADE, None, "D", (False, "D"), id="a bad grade"),
        pytest.param(GRADE, False, None, (False, None), id="a verdict without the grade"),
        pytest.param(GRADE, False, "C", (False, "C"), id="verdict and grade agree"),
        pytest.param(MONTHS, None, 0, (False, 0), id="no month of work"),
        pytest.param(MONTHS, None, "1.5", (True, "1.5"), id="a month and a half"),
        pytest.param(PLACE, True, "outside", (True, "outside"), id="a place that tells nothing by itself"),
    ],
)
def test_verdict_and_value_tell_each_other(
    expected: Expected,
    ok: bool | None,  # noqa: FBT001 - of the table
    value: Value | None,
    meant: tuple[bool, Value | None],
) -> None:
    assert settled(expected, ok=ok, value=value) == meant


@pytest.mark.check
@pytest.mark.parametrize(
    ("expected", "ok", "value", "refusal"),
    [
        pytest.param(YES_NO, None, None, VerdictNeeded, id="nothing said"),
        pytest.param(YES_NO, None, "yes", BadAnswer, id="words for a yes"),
        pytest.param(GRADE, None, "E", BadAnswer, id="a grade that there is not"),
        pytest.param(GRADE, None, True, BadAnswer, id="a yes for a grade"),
        pytest.param(GRADE, True, "D", AnswerContradicts, id="a bad grade that is said to be good"),
        pytest.param(MONTHS, None, 13, BadAnswer, id="thirteen months"),
        pytest.param(MONTHS, None, "many", BadAnswer, id="words for a number"),
        pytest.param(MONTHS, None, "NaN", BadAnswer, id="no number"),
        pytest.param(PLACE, None, "outside", VerdictNeeded, id="a place without a verdict"),
    ],
)
def test_an_answer_that_means_nothing_is_refused(
    expected: Expected,
    ok: bool | None,  # noqa: FBT001 - of the table
    value: Value | None,
    refusal: type[Refusal],
) -> None:
    with pytest.raises(refusal):
        settled(expected, ok=ok, value=value)


@pytest.mark.check
@pytest.mark.parametrize(
    "data",
    [
        {"type": "choice"},
        {"type": "yes_no", "codes": "housing_grade"},
        {"type": "choice", "codes": "housing_grade", "fails": ["E"]},
        {"type": "choice", "codes": "housing_grade", "severity": {"E": "critical"}},
    ],
    ids=["a choice of nothing", "a yes to choose", "an unknown failure", "an unknown severity"],
)
def test_a_checklist_that_contradicts_itself_does_not_load(data: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Expected.model_validate(data)


async def test_a_value_gives_the_finding_its_facts_and_severity_and_the_registry_its_correction(
    scene: Scene,
) -> None:
    home = household()
    await scene.add(home)
    girl = str(home.members[1].id)
    recorded = await scene.visit(
        home,
        answers=[
            {"item": "A1-03", "value": "D"},
            {"item": "A1-04", "value": True},
            {"item": "A1-01", "member_id": girl, "value": "dropped_out"},
        ],
    )
    assert recorded.status_code == 201, recorded.text
    shown = recorded.json()
    assert [answer["ok"] for answer in shown["answers"]] == [False, True, False]
    assert shown["corrections"] == {
        "housing_grade": "D",
        "members": {girl: {"school_status": "dropped_out"}},
    }, "the water is as the registry has it"
    found = [(await scene.village.get(f"/findings/{each}")).json() for each in shown["finding_ids"]]
    assert [(each["item"], each["severity"], each["facts"]) for each in found] == [
        ("A1-03", "critical", "住房安全有保障：D级"),
        ("A1-01", "critical", "义务教育有保障：失学辍学"),
    ]
    (visited,) = [each for each in await outbox_of(scene.service) if "visited" in str(each["type"])]
    assert {each["risk_type"] for each in visited["data"]["signals"]} == {"housing", "education_guarantee"}


async def test_a_grade_less_bad_makes_the_finding_less_grave(scene: Scene) -> None:
    home = household()
    await scene.add(home)
    recorded = await scene.visit(home, answers=[{"item": "A1-03", "value": "C"}])
    finding = (await scene.village.get(f"/findings/{recorded.json()['finding_ids'][0]}")).json()
    assert finding["severity"] == "serious"


async def test_what_was_put_right_on_the_spot_corrects_nothing(scene: Scene) -> None:
    home = household()
    await scene.add(home)
    spot = {"measure": "更换水管", "evidence": ["照片"]}
    answers = [{"item": "A1-04", "ok": False, "facts": "漏水", "on_the_spot": spot}]
    assert (await scene.visit(home, answers=answers)).json()["corrections"] == {}


async def test_what_the_officer_states_wins_over_what_the_answer_tells(scene: Scene) -> None:
    home = household()
    await scene.add(home)
    recorded = await scene.visit(
        home, answers=[{"item": "A1-03", "value": "C"}], corrections={"housing_grade": "D"}
    )
    assert recorded.json()["corrections"] == {"housing_grade": "D"}


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ({"item": "A1-03", "value": "E"}, "bad_answer"),
        ({"item": "A1-03", "value": "D", "ok": True}, "answer_contradicts"),
        ({"item": "A1-03"}, "invalid"),
    ],
    ids=["no such grade", "a contradiction", "nothing said"],
)
async def test_a_visit_with_an_answer_that_means_nothing_is_refused(
    scene: Scene, answer: dict[str, Any], code: str
) -> None:
    home = household()
    await scene.add(home)
    refused = await scene.visit(home, answers=[answer])
    assert (refused.status_code, refused.json()["code"]) == (422, code)


async def test_the_form_carries_types_options_and_the_known_answer(scene: Scene) -> None:
    home = household(
        housing_grade="B",
        water_safe=None,
        members=(
            member("王建国", "1980-03-01", relationship="head", labour="ordinary", work_months=6),
            member("王小雨", "2010-09-01", relationship="daughter", school_status="primary"),
        ),
    )
    await scene.add(home)
    address = f"{scene.path}/visits/form?household_id={home.id}"
    items = {each["item"]: each for each in (await scene.village.get(address)).json()["items"]}
    assert (items["A1-03"]["value"], items["A1-03"]["answer"]["fails"]) == ("B", ["C", "D"])
    assert items["A1-03"]["options"][0] == {"code": "A", "zh": "A级", "en": "grade A"}
    assert (items["A1-01"]["value"], items["A3-01"]["value"]) == ("primary", 6)
    assert items["A1-04"]["value"] is None, "the registry does not know"
    assert items["A4-02"]["after"] == {"item": "A4-01", "values": ["has_loan"]}
    assert items["A4-01"]["options"][0]["code"] == "has_loan"
    await scene.visit(home, answers=[{"item": "A1-04", "ok": True}, {"item": "A4-01", "value": "has_loan"}])
    again = {each["item"]: each for each in (await scene.village.get(address)).json()["items"]}
    assert (again["A1-04"]["value"], again["A4-01"]["value"]) == (True, "has_loan"), "asked once"
