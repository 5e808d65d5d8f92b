"""Why, of what was decided after identification."""

from __future__ import annotations

from typing import Any

from tests.services.monitoring import forms
from tests.services.monitoring.conftest import Scene, household, member, move
from tests.services.monitoring.journey import accepted, measure_done, monitored, walk
from tests.services.monitoring.screening import screen


async def reasons(scene: Scene, thing: str, language: str) -> list[dict[str, Any]]:
    """Return what an object's taggings and eliminations rest on."""
    answer = await scene.village.get(f"{thing}/explanation", headers={"Accept-Language": language})
    told: list[dict[str, Any]] = answer.json()["reasons"]
    return told


async def test_an_identified_risk_keeps_what_showed_it_and_what_was_told_of_it(scene: Scene) -> None:
    home = await scene.known(household())
    case = f"/cases/{(await accepted(scene, home.id, facts='透析自付高'))['case_id']}"
    await walk(scene, case, until="data-check")
    await accepted(scene, home.id, risk_type="water", facts="水管冻裂")
    await move(scene.town, f"{case}/return", {"to_step": "household_check", "reason": "另有饮水困难"})
    more = [{"risk_type": risk, "cause": "核实属实"} for risk in ("water", "schooling")]
    again = {"risks": [*forms.CHECK["risks"], *more], "evidence": ["二次入户照片", "水费单"]}
    shown = await walk(scene, case, since="household-check", changed={"household-check": again})
    thing = (await scene.village.get(f"/monitored/{shown['monitored_id']}")).json()
    kept = {each["risk_type"]: each for each in thing["episodes"]}
    assert set(kept) == {"illness", "water", "schooling"}
    assert all(each["evidence"] == again["evidence"] for each in kept.values())
    told = {risk: [said["facts"] for said in each["judgement"].pop("told")] for risk, each in kept.items()}
    assert told == {"illness": ["透析自付高"], "water": ["水管冻裂"], "schooling": []}
    assert all(each["judgement"] == shown["judgement"] for each in kept.values())
    why = await reasons(scene, f"/monitored/{thing['id']}", "zh")
    assert [each["reasons"] for each in why if each["by"] == "inspection"] == [["透析自付高"], ["水管冻裂"]]
    assert sum(each["by"] == "identification" for each in why) == 3


async def test_a_further_risk_says_what_was_told_of_it(scene: Scene) -> None:
    home = await scene.known(household())
    thing = await monitored(scene, home.id)
    lead = await accepted(scene, home.id, risk_type="schooling", facts="长女入读高中，学费高")
    more = {"risk_type": "schooling", "cause": "长女入读高中", "clue_id": lead["clue_id"]}
    shown = await move(scene.town, f"{thing}/risks", more)
    assert shown["episodes"][-1]["judgement"]["rule"] == "further_risk"
    assert (await reasons(scene, thing, "zh"))[-1]["reasons"] == ["长女入读高中，学费高"]


async def test_and_by_which_rule_and_version_where_a_rule_told(scene: Scene) -> None:
    home = await scene.known(household(housing_grade="D"))
    await screen(scene.service, scene.county)
    thing = await monitored(scene, home.id)
    (clue,) = (await scene.village.get("/clues", params={"risk_type": "housing"})).json()["items"]
    more = {"risk_type": "housing", "cause": "鉴定为D级危房", "clue_id": clue["id"]}
    await move(scene.town, f"{thing}/risks", more)
    for language, words in (
        ("zh", "房屋鉴定等级：D级，属于C级、D级"),
        ("en", "grade of the house: grade D, which is one of grade C, grade D"),
    ):
        why = (await reasons(scene, thing, language))[-1]
        assert (why["rule"], bool(why["version"]), bool(why["source"])) == ("unsafe_housing", True, True)
        assert words in why["reasons"][0]


async def test_what_is_withheld_says_that_nobody_can_work(scene: Scene) -> None:
    old = household(members=(member("李大爷", "1945-01-01", labour="none"), member("孙", "2015-01-01")))
    await scene.known(old)
    thing = await monitored(scene, old.id)
    await measure_done(scene, thing)
    await move(scene.village, f"{thing}/elimination", forms.STABLE)
    assert (await reasons(scene, thing, "zh"))[-1]["reasons"] == ["整户无劳动力"]
    assert (await reasons(scene, thing, "en"))[-1]["reasons"] == ["nobody in the household can work"]
