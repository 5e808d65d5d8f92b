"""Assistance: measures that fit, from planned to done, and the list of what is missing."""

from __future__ import annotations

import random
from datetime import date
from typing import Any

import pytest

from services.monitoring.assistance.model import Measure
from services.monitoring.assistance.rules import gap_of
from services.monitoring.monitored.model import MonitoredObject, Risk
from services.monitoring.replicas.model import PersonReplica
from shared.contracts.household import HouseholdChanged, MemberState
from shared.identity.principal import system
from tests.services.monitoring import forms
from tests.services.monitoring.conftest import VILLAGE, Scene, household, member, move
from tests.services.monitoring.journey import measure_done, monitored


@pytest.mark.parametrize(
    ("changes", "person", "code"),
    [
        pytest.param({"risk_type": "water"}, None, "risk_not_open", id="against a risk that is not there"),
        pytest.param({"kind": "employment"}, None, "person_needed", id="work for nobody"),
        pytest.param({"kind": "public_post"}, 2, "cannot_work", id="work for who cannot"),
        pytest.param(
            {"kind": "credit", "funds_planned": "50000.01"}, None, "too_much_credit", id="a cent too much"
        ),
        pytest.param({"kind": "credit", "term_months": 37}, None, "too_much_credit", id="a month too long"),
        pytest.param({"kind": "kindness"}, None, "invalid", id="an unknown kind"),
        pytest.param({"planned_on": "2021-06-01"}, None, "date_out_of_order", id="before tagging"),
        pytest.param({"kind": "employment"}, 0, None, id="work for who can"),
        pytest.param(
            {"kind": "credit", "funds_planned": "50000", "term_months": 36},
            None,
            None,
            id="just enough credit",
        ),
        pytest.param(
            {"risk_type": None, "kind": "safety_net"}, None, None, id="support against none in particular"
        ),
    ],
)
async def test_a_measure_fits_or_is_refused(
    scene: Scene, changes: dict[str, Any], person: int | None, code: str | None
) -> None:
    home = await scene.known(household())
    thing = await monitored(scene, home.id)
    whom = {} if person is None else {"member_id": str(home.members[person].id)}
    answer = await scene.village.post(f"{thing}/measures", json=forms.MEASURE | changes | whom)
    if code:
        assert answer.json()["code"] == code
    else:
        assert answer.status_code == 201, answer.text
        assert answer.headers["location"] == f"/measures/{answer.json()['id']}"


async def test_a_measure_goes_from_planned_to_done(scene: Scene) -> None:
    home = await scene.known(household())
    thing = await monitored(scene, home.id)
    draft = forms.MEASURE | {"fund_source": "衔接资金", "funds_planned": "3000.00"}
    planned = (await scene.village.post(f"{thing}/measures", json=draft)).json()
    assert (planned["status"], planned["funds_planned"], planned["planned_on"]) == (
        "planned",
        "3000.00",
        "2021-06-14",
    )
    address = f"/measures/{planned['id']}"
    scene.go_to(2021, 7, 1)
    under_way = await move(scene.village, f"{address}/progress", {"progress": "已申报", "funds_paid": "1000"})
    assert (under_way["status"], under_way["started_on"]) == ("in_progress", "2021-07-01")
    early = {"effect": "完成", "on": "2021-06-20"}
    assert (await move(scene.village, f"{address}/completion", early, expect=422))[
        "code"
    ] == "date_out_of_order"
    done = await move(scene.village, f"{address}/completion", {"effect": "自付下降", "evidence": ["结算单"]})
    assert (done["status"], done["done_on"], done["funds_paid"]) == ("done", "2021-07-01", "1000.00")
    refused = await move(scene.village, f"{address}/stop", {"reason": "x"}, expect=409)
    assert refused["code"] == "measure_ended"
    listed = (await scene.village.get(f"{thing}/measures")).json()["items"]
    assert [measure["status"] for measure in listed] == ["done"]
    assert (await scene.county.get("/measures", params={"status": "planned", "count": "exact"})).json()[
        "total"
    ] == 0


async def test_plans_follow_each_other(scene: Scene) -> None:
    home = await scene.known(household())
    thing = await monitored(scene, home.id)
    plan = {"situation": "一人透析", "goal": "自付可承受", "approach": "救助加就业", "agreed": True}
    for goal in ("自付可承受", "稳定增收"):
        made = await scene.village.post(f"{thing}/plans", json=plan | {"goal": goal})
        assert made.status_code == 201, made.text
    plans = (await scene.village.get(f"{thing}/plans")).json()["items"]
    assert [each["goal"] for each in plans] == ["自付可承受", "稳定增收"]


async def test_nothing_new_is_planned_for_who_is_not_under_watch(scene: Scene) -> None:
    home = await scene.known(household())
    thing = await monitored(scene, home.id)
    await move(scene.county, f"{thing}/closure", {"kind": "moved_away", "reason": "整户迁往外省"})
    answer = await scene.village.post(f"{thing}/measures", json=forms.MEASURE)
    assert (answer.status_code, answer.json()["code"]) == (409, "nothing_to_help")


async def test_the_gap_list_says_what_is_missing_until_nothing_is(scene: Scene) -> None:
    home = await scene.known(household())
    thing = await monitored(scene, home.id)

    async def gap() -> dict[str, Any] | None:
        items = (await scene.village.get("/monitored/gaps")).json()["items"]
        return items[0] if items else None

    async def missing() -> tuple[list[str], bool, bool] | None:
        found = await gap()
        if found is None:
            return None
        return found["risks_without_measure"], found["needs_development"], found["needs_contact"]

    first = await gap()
    assert first is not None
    assert (first["head_name"], first["measures_due_on"]) == ("王建国", "2021-06-28")
    assert await missing() == (["illness"], True, True)
    await move(scene.village, f"{thing}/contact", {"name": "赵敏", "unit": "镇财政所"})
    await measure_done(scene, thing)
    assert await missing() == ([], True, False)
    credit = forms.MEASURE | {"kind": "credit", "risk_type": None, "funds_planned": "20000"}
    planned = (await scene.village.post(f"{thing}/measures", json=credit)).json()
    assert await missing() is None
    await move(scene.village, f"/measures/{planned['id']}/stop", {"reason": "农户不愿贷款"})
    assert await missing() == ([], True, False)
    # The only one who could work has left.
    gone = tuple(person.model_copy(update={"labour": "none"}) for person in home.members)
    await scene.service.tell(HouseholdChanged(**home.model_dump() | {"members": gone, "version": 2}))
    assert await missing() is None


async def test_the_gap_list_agrees_with_the_rule_household_by_household(scene: Scene) -> None:
    dice = random.Random(20210614)
    homes = [household(number=str(n), members=members_by(dice)) for n in range(80)]
    await scene.known(*homes)
    expected = {}
    async with scene.service.database.writing(system("tests")) as db:
        for home in homes:
            risks = dice.sample(["illness", "schooling", "water"], dice.randint(1, 3))
            thing, episodes = MonitoredObject.tagged(
                home.id,
                home.division_code,
                [Risk(risk_type=each, cause="x", origin="case:1") for each in risks],
                category="marginal",
                on=date(2021, 6, 1),
            )
            thing.contact_name = dice.choice([None, "赵敏"])
            measures = [measure_by(dice, thing) for _ in range(dice.randint(0, 3))]
            db.add(thing, *episodes, *measures)
            gap = gap_of(
                open_risks=risks,
                measures={(each.kind, each.risk_type) for each in measures if each.status != "stopped"},
                members=[PersonReplica(household_id=home.id, **person_of(each)) for each in home.members],
                contact=thing.contact_name,
            )
            if gap:
                expected[str(home.id)] = (gap.risks_without_measure, gap.needs_development, gap.needs_contact)
    listed = (await scene.village.get("/monitored/gaps", params={"limit": 200})).json()["items"]
    found = {
        item["household_id"]: (
            item["risks_without_measure"],
            item["needs_development"],
            item["needs_contact"],
        )
        for item in listed
    }
    assert 0 < len(expected) < len(homes)
    assert found == expected


def members_by(dice: random.Random) -> tuple[MemberState, ...]:
    kinds = ["ordinary", "weak", "lost", "none", None]
    return tuple(member("甲", "1970-01-01", labour=dice.choice(kinds)) for _ in range(dice.randint(1, 3)))


def person_of(state: MemberState) -> dict[str, Any]:
    return {"member_id": state.id, "division_code": VILLAGE, "name": state.name, "labour": state.labour} | {
        "relationship": state.relationship,
        "health": [],
    }


def measure_by(dice: random.Random, thing: MonitoredObject) -> Measure:
    return Measure(
        monitored_id=thing.id,
        household_id=thing.household_id,
        division_code=thing.division_code,
        kind=dice.choice(["health", "industry", "employment"]),
        risk_type=dice.choice([*thing.open_risks, None]),
        description="x",
        status=dice.choice(["planned", "in_progress", "stopped"]),
        planned_on=date(2021, 6, 2),
    )
