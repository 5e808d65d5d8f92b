"""Elimination: the conditions, each by itself; four eyes; nothing left unsettled."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from services.monitoring.monitored.episodes import Risk
from services.monitoring.monitored.errors import NotStableYet
from services.monitoring.monitored.model import MonitoredObject
from services.monitoring.monitored.procedures import Elimination, Stage
from services.monitoring.monitored.rules import Stability, expect_stable, months_later
from shared.domain.income_line import income_line
from shared.keys import uuid7
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
from tests.services.monitoring.journey import eliminated, measure_done, monitored, monitored_with_kin

TAGGED, LATER = date(2021, 6, 14), date(2021, 12, 14)


def found(**changes: Any) -> Stability:
    """A household whose one risk is stably gone."""
    risk = Risk(risk_type="illness", cause="x", origin="case:1")
    _, episodes = MonitoredObject.tagged(uuid7(), VILLAGE, [risk], category="marginal", on=TAGGED)
    stable = Stability(
        how="by_help",
        per_capita_net_income=Decimal("6000.01"),
        stable_months=6,
        unmet_guarantees=(),
        expenditure_settled=True,
        open_episodes=episodes,
        measures_done={"illness": date(2021, 7, 1)},
        lasting_done={"illness": date(2021, 7, 1)},
    )
    return replace(stable, **changes)


@pytest.mark.check
@pytest.mark.parametrize(
    ("changes", "on", "codes"),
    [
        pytest.param({}, LATER, [], id="all conditions met"),
        pytest.param(
            {"per_capita_net_income": Decimal(6000)}, LATER, ["income_not_over_line"], id="on the line"
        ),
        pytest.param(
            {}, date(2022, 1, 4), ["income_not_over_line"], id="the line was raised to 7000 in 2022"
        ),
        pytest.param({"stable_months": 5}, LATER, ["not_stable_long_enough"], id="five months"),
        pytest.param({}, date(2021, 12, 13), ["tagged_too_recently"], id="a day short of half a year"),
        pytest.param({"expenditure_settled": False}, LATER, ["expenditure_unsettled"], id="medicine goes on"),
        pytest.param({"unmet_guarantees": ["water"]}, LATER, ["guarantee_unmet"], id="water unsafe"),
        pytest.param({"measures_done": {}}, LATER, ["no_measure_done"], id="no help was given"),
        pytest.param(
            {"measures_done": {"illness": date(2021, 6, 1)}},
            LATER,
            ["no_measure_done"],
            id="help before tagging",
        ),
        pytest.param({"measures_done": {}, "how": "by_itself"}, LATER, [], id="by itself needs no help"),
        pytest.param({"lasting_done": {}}, LATER, ["one_off_aid_only"], id="one-off aid keeps no risk away"),
        pytest.param(
            {"lasting_done": {"illness": date(2021, 6, 1)}},
            LATER,
            ["one_off_aid_only"],
            id="nor did lasting help before tagging",
        ),
        pytest.param({"able": False}, LATER, ["nobody_can_work"], id="nobody can work any more"),
        pytest.param({"able": True}, LATER, [], id="somebody can"),
        pytest.param(
            {"stable_months": 0, "unmet_guarantees": ["housing", "education"]},
            LATER,
            ["not_stable_long_enough", "guarantee_unmet", "guarantee_unmet"],
            id="everything that is missing is said at once",
        ),
    ],
)
def test_conditions(changes: dict[str, Any], on: date, codes: list[str]) -> None:
    line = income_line(VILLAGE, on)
    if codes:
        with pytest.raises(NotStableYet) as refused:
            expect_stable(found(**changes), line, on)
        assert [fault.code for fault in refused.value.errors] == codes
    else:
        judgement = expect_stable(found(**changes), line, on)
        assert judgement["thresholds"]["income_line"] == "6000"


@pytest.mark.check
@pytest.mark.parametrize(
    ("day", "months", "later"),
    [("2021-06-14", 6, "2021-12-14"), ("2021-08-31", 6, "2022-02-28"), ("2023-08-31", 6, "2024-02-29")],
)
def test_months_later(day: str, months: int, later: str) -> None:
    assert months_later(date.fromisoformat(day), months) == date.fromisoformat(later)


@pytest.mark.check
def test_what_the_town_had_reviewed_before_villages_deliberated_goes_on_to_the_county() -> None:
    reviewed = Elimination(
        monitored_id=uuid7(),
        division_code=VILLAGE,
        stage=Stage.REVIEWED,
        how="by_help",
        facts={},
        judgement={},
        evidence=[],
        proposed_on=LATER,
        proposed_by="village-1",
        proposed_by_name="village-1",
        reviewed_by="town-1",
    )
    reviewed.approve(opinion="同意", by="county-1", name="county-1", on=LATER)
    assert reviewed.stage == Stage.APPROVED


async def test_nobody_eliminates_alone(scene: Scene) -> None:
    home = await scene.known(household())
    thing = await monitored(scene, home.id)
    await measure_done(scene, thing)
    scene.go_to(2021, 12, 20)
    early = await move(scene.town, f"{thing}/elimination/review", forms.REVIEW, expect=409)
    assert early["code"] == "no_elimination"
    await move(scene.town, f"{thing}/elimination", forms.STABLE)
    early = await move(scene.county, f"{thing}/elimination/review", forms.REVIEW, expect=409)
    assert early["code"] == "not_deliberated"
    skipped = await move(scene.county, f"{thing}/elimination/approval", forms.APPROVAL, expect=409)
    assert skipped["code"] == "not_reviewed"
    recorder = await scene.service.caller("county_officer", COUNTY, subject="county-3")
    await move(recorder, f"{thing}/elimination/deliberation", forms.GONE)
    own = await move(recorder, f"{thing}/elimination/review", forms.REVIEW, expect=409)
    assert own["code"] == "same_person"
    await move(scene.county, f"{thing}/elimination/review", forms.REVIEW)
    for who in (scene.county, recorder):
        own = await move(who, f"{thing}/elimination/approval", forms.APPROVAL, expect=409)
        assert own["code"] == "same_person"
    gone = await move(scene.other_county, f"{thing}/elimination/approval", forms.APPROVAL)
    assert (gone["status"], gone["eliminations"][0]["stage"]) == ("eliminated", "approved")


async def test_a_village_that_does_not_believe_it_keeps_the_household_under_watch(scene: Scene) -> None:
    home = await scene.known(household())
    thing = await monitored(scene, home.id)
    await measure_done(scene, thing)
    scene.go_to(2021, 12, 20)
    await move(scene.village, f"{thing}/elimination", forms.STABLE)
    kin_voted = forms.DELIBERATION_WITH_KIN | {"votes_for": 4}
    refused = await move(scene.village, f"{thing}/elimination/deliberation", kin_voted, expect=422)
    assert refused["code"] == "votes_do_not_add_up"
    against = forms.GONE | {"votes_for": 1, "votes_against": 2, "minutes": "务工收入不稳，仍需监测"}
    shown = await move(scene.village, f"{thing}/elimination/deliberation", against)
    assert (shown["status"], shown["reason"]) == ("monitored", against["minutes"])
    (kept,) = shown["eliminations"]
    assert (kept["stage"], kept["decision"]) == ("returned", against["minutes"])
    again = await move(scene.village, f"{thing}/elimination/deliberation", forms.GONE, expect=409)
    assert again["code"] == "no_elimination"
    await move(scene.village, f"{thing}/elimination", forms.STABLE)


async def test_kin_neither_end_the_watch_over_a_household_nor_widen_it_nor_begin_it_again(
    scene: Scene,
) -> None:
    home = await scene.known(household())
    thing = await monitored_with_kin(scene, home.id, "town-9", "county-9")
    town = await scene.service.caller("town_officer", TOWN, subject="town-9")
    county = await scene.service.caller("county_officer", COUNTY, subject="county-9")
    more = {"risk_type": "schooling", "cause": "长女入读高中"}
    assert (await move(town, f"{thing}/risks", more, expect=409))["code"] == "kin_decides"
    await measure_done(scene, thing)
    scene.go_to(2021, 12, 20)
    await move(scene.village, f"{thing}/elimination", forms.STABLE)
    await move(scene.village, f"{thing}/elimination/deliberation", forms.GONE)
    back = {"risk_type": "illness", "cause": "复发"}
    why = {"reason": "不同意"}
    for kin, other, step, form in (
        (town, scene.town, "elimination/review", forms.REVIEW),
        (county, scene.county, "elimination/return", why),
        (county, scene.county, "elimination/approval", forms.APPROVAL),
        (town, scene.town, "retagging", back),
        (county, scene.county, "retagging/return", why),
        (county, scene.county, "retagging/confirmation", forms.APPROVAL),
    ):
        assert (await move(kin, f"{thing}/{step}", form, expect=409))["code"] == "kin_decides", step
        if form is not why:
            await move(other, f"{thing}/{step}", form)


async def test_retagging_needs_two_as_well(scene: Scene) -> None:
    home = await scene.known(household())
    thing = await monitored(scene, home.id)
    await eliminated(scene, thing)
    await move(scene.county, f"{thing}/retagging", {"risk_type": "illness", "cause": "复发"})
    own = await move(scene.county, f"{thing}/retagging/confirmation", forms.APPROVAL, expect=409)
    assert own["code"] == "same_person"
    await move(scene.other_county, f"{thing}/retagging/confirmation", forms.APPROVAL)


async def test_a_proposal_is_refused_with_every_condition_and_leaves_nothing(scene: Scene) -> None:
    home = await scene.known(household())
    thing = await monitored(scene, home.id)
    poor = forms.STABLE | {"per_capita_net_income": "5999.00", "guarantees": forms.SOLID | {"water": False}}
    refused = await move(scene.village, f"{thing}/elimination", poor, expect=422)
    assert refused["code"] == "not_stable_yet"
    pointers = [fault["pointer"] for fault in refused["errors"]]
    assert pointers == ["/per_capita_net_income", "/guarantees/water", "/on", ""]
    assert (await scene.village.get(thing)).json()["status"] == "monitored"


async def test_what_is_told_meanwhile_must_be_settled_first(scene: Scene) -> None:
    home = await scene.known(household())
    thing = await monitored(scene, home.id)
    await measure_done(scene, thing)
    scene.go_to(2021, 12, 20)
    await move(scene.village, f"{thing}/elimination", forms.STABLE)
    await move(scene.village, f"{thing}/elimination/deliberation", forms.GONE)
    await move(scene.town, f"{thing}/elimination/review", forms.REVIEW)
    receipt = await scene.clue(home.id)
    assert receipt["outcome"] == "received"
    refused = await move(scene.county, f"{thing}/elimination/approval", forms.APPROVAL, expect=409)
    assert refused["code"] == "clues_unsettled"
    back = await move(scene.town, f"{thing}/elimination/return", {"reason": "新预警待核实"})
    assert (back["status"], back["reason"]) == ("monitored", "新预警待核实")


async def test_who_cannot_work_is_kept_safe_not_called_eliminated(scene: Scene) -> None:
    old = household(members=(member("李大爷", "1945-01-01", labour="none"), member("孙", "2015-01-01")))
    await scene.known(old)
    thing = await monitored(scene, old.id)
    refused = await move(scene.village, f"{thing}/elimination", forms.STABLE, expect=422)
    assert [fault["code"] for fault in refused["errors"]] == ["no_measure_done"]
    await measure_done(scene, thing)
    shown = await move(scene.village, f"{thing}/elimination", forms.STABLE)
    assert (shown["status"], shown["open_risks"]) == ("elimination_withheld", ["illness"])
    (kept,) = shown["eliminations"]
    assert (kept["stage"], kept["judgement"]["rule"]) == ("withheld", "elimination_withheld")
    assert (await scene.clue(old.id))["outcome"] == "already_monitored"


async def test_objects_are_listed_by_filters_within_the_area(scene: Scene) -> None:
    home, far = await scene.known(household()), household(OTHER_VILLAGE, kind="lifted")
    await scene.known(far)
    thing = await monitored(scene, home.id)
    for params, expected in (
        ({"status": "monitored", "risk_type": "illness", "category": "marginal"}, 1),
        ({"risk_type": "water"}, 0),
        ({"has_contact": "true"}, 0),
        ({"division": OTHER_VILLAGE}, 0),
    ):
        async with scene.service.statements() as sent:
            page = (await scene.county.get("/monitored", params={**params, "count": "exact"})).json()
        assert (len(page["items"]), page["total"]) == (expected, expected)
        assert len(sent) <= 5
    other = await scene.service.caller("village_officer", OTHER_VILLAGE, subject="village-2")
    assert (await other.get("/monitored")).json()["items"] == []
    assert (await other.get(thing)).status_code == 404
    assert (await other.get(f"{thing}/history")).status_code == 404
