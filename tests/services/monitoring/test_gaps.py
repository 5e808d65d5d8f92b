"""What is missing in assistance: listed until it is there or excused, and what the audits complain of."""

from __future__ import annotations

import random
from datetime import date, timedelta
from typing import Any

import pytest

from services.monitoring.assistance.fits import fit_rule
from services.monitoring.assistance.model import Measure, Plan
from services.monitoring.dates import months_after
from services.monitoring.gaps.model import StatedReason
from services.monitoring.gaps.rules import Gap, Help, gap_of, gap_rule
from services.monitoring.monitored.episodes import Risk, RiskEpisode
from services.monitoring.monitored.model import MonitoredObject
from services.monitoring.replicas.model import PersonReplica
from shared.contracts.household import HouseholdChanged, MemberState
from shared.identity.principal import system
from tests.services.monitoring import forms
from tests.services.monitoring.conftest import VILLAGE, Scene, household, member, move
from tests.services.monitoring.journey import measure_done, monitored


async def gap(scene: Scene, **filters: str) -> dict[str, Any] | None:
    """Return the gap of the only household, if it has one."""
    items = (await scene.village.get("/monitored/gaps", params=filters)).json()["items"]
    return items[0] if items else None


async def test_the_gap_list_says_what_is_missing_until_nothing_is(scene: Scene) -> None:
    home = await scene.known(household())
    thing = await monitored(scene, home.id)

    async def missing() -> tuple[list[str], bool, bool, bool] | None:
        found = await gap(scene)
        if found is None:
            return None
        needs = (found["needs_development"], found["needs_contact"], found["needs_plan"])
        return found["risks_without_measure"], *needs

    first = await gap(scene)
    assert first is not None
    assert (first["head_name"], first["measures_due_on"]) == ("王建国", "2021-06-28")
    assert first["due_on"] == {"contact": "2021-06-21", "plan": "2021-06-28", "measures": "2021-06-28"}
    assert await missing() == (["illness"], True, True, True)
    await move(scene.village, f"{thing}/contact", {"name": "赵敏", "unit": "镇财政所"})
    await measure_done(scene, thing)
    assert await missing() == ([], True, False, True)
    await scene.village.post(f"{thing}/plans", json=forms.PLAN)
    assert await missing() == ([], True, False, False)
    credit = forms.MEASURE | {"kind": "credit", "risk_type": None, "funds_planned": "20000"}
    planned = (await scene.village.post(f"{thing}/measures", json=credit)).json()
    assert await missing() is None
    await move(scene.village, f"/measures/{planned['id']}/stop", {"reason": "农户不愿贷款"})
    assert await missing() == ([], True, False, False)
    # The only one who could work has left.
    gone = tuple(person.model_copy(update={"labour": "none"}) for person in home.members)
    await scene.service.tell(HouseholdChanged(**home.model_dump() | {"members": gone, "version": 2}))
    assert await missing() is None


async def test_a_measure_of_a_kind_that_does_not_fit_leaves_the_gap_open(scene: Scene) -> None:
    home = await scene.known(household())
    thing = await monitored(scene, home.id)
    await measure_done(scene, thing, kind="water")
    found = await gap(scene)
    assert found is not None
    assert (found["risks_without_measure"], found["risks_misfitted"]) == ([], ["illness"])
    await measure_done(scene, thing)
    found = await gap(scene)
    assert found is not None
    assert found["risks_misfitted"] == []


async def test_a_stated_reason_takes_a_risk_off_the_list_until_it_lapses(scene: Scene) -> None:
    home = await scene.known(household())
    thing = await monitored(scene, home.id)
    form = {"risk_type": "illness", "reason": "住院治疗中，出院后再定", "until_on": "2021-06-30"}
    said = await scene.village.post(f"{thing}/reasons", json=form)
    assert said.status_code == 201, said.text
    assert (said.json()["said_on"], said.json()["said_by_name"]) == ("2021-06-14", "village-1")
    for day, risks, reasons in ((30, [], 1), (1, ["illness"], 0)):
        scene.go_to(2021, 6 if day == 30 else 7, day)
        found = await gap(scene)
        assert found is not None
        assert (found["risks_without_measure"], len(found["reasons"])) == (risks, reasons)
    kept = (await scene.village.get(f"{thing}/reasons")).json()["items"]
    assert [each["until_on"] for each in kept] == ["2021-06-30"]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        pytest.param({"until_on": "2021-06-13"}, "reason_too_long", id="over already"),
        pytest.param({"until_on": "2021-06-14"}, None, id="today only"),
        pytest.param({"until_on": "2021-09-12"}, None, id="ninety days"),
        pytest.param({"until_on": "2021-09-13"}, "reason_too_long", id="ninety-one days"),
        pytest.param({"risk_type": "water"}, "risk_not_open", id="of a risk that is not there"),
        pytest.param({"reason": " "}, "invalid", id="without words"),
    ],
)
async def test_a_reason_lapses_and_is_of_an_open_risk(
    scene: Scene, changes: dict[str, Any], code: str | None
) -> None:
    home = await scene.known(household())
    thing = await monitored(scene, home.id)
    form = {"risk_type": "illness", "reason": "住院治疗中", "until_on": "2021-06-30"}
    answer = await scene.village.post(f"{thing}/reasons", json=form | changes)
    assert (answer.status_code, answer.json().get("code")) == ((422, code) if code else (201, None))


@pytest.mark.parametrize(
    ("day", "audits"),
    [
        pytest.param((2021, 7, 13), [], id="a day before a month"),
        pytest.param((2021, 7, 14), ["no_measures"], id="a month"),
        pytest.param((2021, 12, 13), ["no_measures"], id="a day before six months"),
        pytest.param((2021, 12, 14), ["no_measures", "no_development"], id="six months"),
    ],
)
async def test_the_audits_complain_after_their_months(
    scene: Scene, day: tuple[int, int, int], audits: list[str]
) -> None:
    home = await scene.known(household())
    await monitored(scene, home.id)
    scene.go_to(*day)
    found = await gap(scene)
    assert found is not None
    assert [each["audit"] for each in found["audits"]] == audits
    rules = {"no_measures": "2150990259", "no_development": "5_12_007"}
    assert [each["rule"] for each in found["audits"]] == [rules[each] for each in audits]
    for audit in rules:
        assert (await gap(scene, audit=audit) is not None) == (audit in audits)


@pytest.mark.parametrize("today", [date(2021, 6, 20), date(2021, 7, 5), date(2022, 2, 1)], ids=str)
async def test_the_gap_list_agrees_with_the_rule_household_by_household(scene: Scene, today: date) -> None:
    dice = random.Random(today.toordinal())
    homes = [household(number=str(n), members=members_by(dice)) for n in range(120)]
    await scene.known(*homes)
    scene.go_to(today.year, today.month, today.day)
    expected: dict[str, Gap] = {}
    async with scene.service.database.writing(system("tests")) as db:
        for home in homes:
            risks = dice.sample(["illness", "schooling", "water", "other"], dice.randint(1, 3))
            (thing,), episodes = tagged(home.id, risks, on=day_by(dice, today))
            for episode in episodes:
                # Further risks are tagged later.
                episode.tagged_on = max(episode.tagged_on, day_by(dice, today))
            thing.contact_name = dice.choice([None, "赵敏", "赵敏", "赵敏"])
            measures = [measure_by(dice, thing, today) for _ in range(dice.randint(0, 6))]
            reasons = [reason_by(dice, thing, today) for _ in range(dice.randint(0, 2))]
            plans = [plan_of(thing, day_by(dice, today)) for _ in range(dice.randint(0, 3))]
            db.add(thing, *episodes, *measures, *reasons, *plans)
            known = Help(
                episodes=episodes,
                measures=[each for each in measures if each.status != "stopped"],
                reasons=reasons,
                members=[PersonReplica(household_id=home.id, **person_of(each)) for each in home.members],
                contact=thing.contact_name,
                planned_on=max((each.made_on for each in plans), default=None),
            )
            if found := gap_of(known, today):
                expected[str(home.id)] = found
    listed = (await scene.village.get("/monitored/gaps", params={"limit": 200})).json()["items"]
    assert 0 < len(expected) < len(homes)
    assert {item["household_id"]: said(item) for item in listed} == {
        key: told_of(each) for key, each in expected.items()
    }
    for audit in ("no_measures", "no_development"):
        listed = (await scene.village.get(f"/monitored/gaps?audit={audit}&limit=200")).json()["items"]
        assert {item["household_id"] for item in listed} == {
            key for key, each in expected.items() if audit in each.audits
        }


def said(item: dict[str, Any]) -> tuple[Any, ...]:
    lists = (item["risks_without_measure"], item["risks_misfitted"])
    needs = (item["needs_development"], item["needs_contact"], item["needs_plan"])
    return *lists, *needs, [each["audit"] for each in item["audits"]], set(item["due_on"])


def told_of(found: Gap) -> tuple[Any, ...]:
    lists = (list(found.risks_without_measure), list(found.risks_misfitted))
    needs = (found.needs_development, found.needs_contact, found.needs_plan)
    return *lists, *needs, list(found.audits), set(found.owed_since)


def tagged(
    household_id: Any, risks: list[str], *, on: date = date(2021, 6, 1)
) -> tuple[list[MonitoredObject], list[RiskEpisode]]:
    thing, episodes = MonitoredObject.tagged(
        household_id,
        VILLAGE,
        [Risk(risk_type=each, cause="x", origin="case:1") for each in risks],
        category="marginal",
        on=on,
    )
    return [thing], episodes


def day_by(dice: random.Random, today: date) -> date:
    return today - timedelta(days=dice.choice([0, 1, 10, 30, 31, 60, 190, 240]))


def members_by(dice: random.Random) -> tuple[MemberState, ...]:
    kinds = ["ordinary", "weak", "lost", "none", None]
    return tuple(member("甲", "1970-01-01", labour=dice.choice(kinds)) for _ in range(dice.randint(1, 3)))


def person_of(state: MemberState) -> dict[str, Any]:
    return {"member_id": state.id, "division_code": VILLAGE, "name": state.name, "labour": state.labour} | {
        "relationship": state.relationship,
        "health": [],
    }


def measure_by(dice: random.Random, thing: MonitoredObject, today: date) -> Measure:
    status = dice.choice(["planned", "in_progress", "done", "done", "stopped"])
    return Measure(
        monitored_id=thing.id,
        household_id=thing.household_id,
        division_code=thing.division_code,
        kind=dice.choice(["health", "industry", "employment", "education", "water"]),
        risk_type=dice.choice([*thing.open_risks, None]),
        description="x",
        status=status,
        planned_on=date(2021, 1, 2),
        done_on=day_by(dice, today) if status == "done" else None,
    )


def reason_by(dice: random.Random, thing: MonitoredObject, today: date) -> StatedReason:
    return StatedReason(
        monitored_id=thing.id,
        division_code=thing.division_code,
        risk_type=dice.choice(thing.open_risks),
        reason="x",
        said_on=day_by(dice, today),
        said_by="village-1",
        said_by_name="village-1",
        until_on=today + timedelta(days=dice.choice([-1, 0, 1, 30])),
        rule="2021",
    )


def plan_of(thing: MonitoredObject, on: date) -> Plan:
    words: dict[str, Any] = {"situation": "x", "goal": "x", "approach": "x", "agreed": True, "made_by": "x"}
    return Plan(monitored_id=thing.id, division_code=thing.division_code, made_on=on, **words)


@pytest.mark.check
@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        (date(2021, 6, 14), 1, date(2021, 7, 14)),
        (date(2021, 1, 31), 1, date(2021, 2, 28)),
        (date(2019, 11, 30), 3, date(2020, 2, 29)),
        (date(2021, 12, 31), 36, date(2024, 12, 31)),
    ],
)
def test_months_later_end_with_the_month(day: date, months: int, later: date) -> None:
    assert months_after(day, months) == later


@pytest.mark.check
def test_the_rules_name_their_source() -> None:
    on = date(2021, 6, 14)
    assert all(rule.source and rule.area is None for rule in (gap_rule(on), fit_rule(on)))
