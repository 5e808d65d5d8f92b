"""Assistance: measures that fit, from planned to done, what was paid for them, and plans that forget no risk."""

from __future__ import annotations

import asyncio
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import col, select

from services.monitoring.assistance.fits import misfit
from services.monitoring.monitored.episodes import RiskEpisode
from services.monitoring.monitored.model import MonitoredObject
from shared.domain.codes import code_lists
from shared.identity.principal import system
from tests.services.monitoring import forms
from tests.services.monitoring.conftest import Scene, household, move
from tests.services.monitoring.filing import archive_of
from tests.services.monitoring.journey import closed, monitored


@pytest.mark.parametrize(
    ("changes", "person", "code"),
    [
        pytest.param({"risk_type": "water"}, None, "risk_not_open", id="against a risk that is not there"),
        pytest.param({"kind": "employment"}, None, "person_needed", id="work for nobody"),
        pytest.param({"kind": "public_post"}, 2, "cannot_work", id="work for who cannot"),
        pytest.param(
            {"kind": "credit", "funds_planned": "50000.01"}, None, "too_much_credit", id="a cent too much"
        ),
        pytest.param(
            {"kind": "credit", "funds_planned": "49999.99"}, None, None, id="a cent less than the most"
        ),
        pytest.param({"kind": "credit", "term_months": 37}, None, "too_much_credit", id="a month too long"),
        pytest.param({"kind": "kindness"}, None, "invalid", id="an unknown kind"),
        pytest.param({"planned_on": "2021-06-01"}, None, "date_out_of_order", id="before tagging"),
        pytest.param({"ends_on": "2021-06-13"}, None, "date_out_of_order", id="over before it begins"),
        pytest.param({"ends_on": "2021-06-14", "project": "衔接资金到户项目"}, None, None, id="of a project"),
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


@pytest.mark.parametrize(
    ("payments", "outcome"),
    [
        pytest.param([("衔接资金", "1000")], "1000.00", id="a part"),
        pytest.param([("衔接资金", "1000"), ("社会捐赠", "2000")], "3000.00", id="all, from two sources"),
        pytest.param([("衔接资金", "3000"), ("社会捐赠", "0.01")], "beyond_planned", id="a cent too much"),
        pytest.param(
            [("衔接资金", "3000"), ("社会捐赠", "0.01", "自付超出预计")],
            "3000.01",
            id="a cent more, with a reason",
        ),
        pytest.param([("衔接资金", "0")], "invalid", id="nothing"),
    ],
)
async def test_payments_add_up_and_go_beyond_the_plan_only_with_a_reason(
    scene: Scene, payments: list[tuple[str, ...]], outcome: str
) -> None:
    address = await planned_measure(scene, funds_planned="3000.00", fund_source="衔接资金")
    for number, (source, amount, *reason) in enumerate(payments, start=1):
        form = {"source": source, "amount": amount, "reason": reason[0] if reason else None}
        is_refused = number == len(payments) and not outcome[0].isdigit()
        shown = await move(scene.village, f"{address}/payments", form, expect=422 if is_refused else 200)
        if is_refused:
            assert shown["code"] == outcome
            return
    assert shown["funds_paid"] == outcome
    assert [(each["source"], each["on"]) for each in shown["payments"]] == [
        (source, "2021-06-14") for source, *_ in payments
    ]


async def test_a_payment_may_follow_what_is_done_but_not_what_was_stopped(scene: Scene) -> None:
    address = await planned_measure(scene, funds_planned="3000.00")
    done = {"effect": "自付下降", "funds_paid": "500"}
    assert (await move(scene.village, f"{address}/completion", done))["payments"][0]["amount"] == "500.00"
    paid = await move(scene.village, f"{address}/payments", {"source": "医保", "amount": "2500"})
    assert paid["funds_paid"] == "3000.00"
    early = {"source": "医保", "amount": "1", "on": "2021-06-13", "reason": "x"}
    assert (await move(scene.village, f"{address}/payments", early, expect=422))[
        "code"
    ] == "date_out_of_order"
    other = await planned_measure(scene, thing=f"/monitored/{paid['monitored_id']}")
    await move(scene.village, f"{other}/stop", {"reason": "不再需要"})
    refused = await move(scene.village, f"{other}/payments", {"source": "医保", "amount": "1"}, expect=409)
    assert refused["code"] == "measure_ended"


async def test_a_measure_stops_on_the_day_that_was_told_and_not_before_it_was_planned(scene: Scene) -> None:
    address = await planned_measure(scene)
    scene.go_to(2021, 7, 5)
    early = {"reason": "不再需要", "on": "2021-06-13"}
    assert (await move(scene.village, f"{address}/stop", early, expect=422))["code"] == "date_out_of_order"
    stopped = await move(scene.village, f"{address}/stop", {"reason": "不再需要", "on": "2021-07-01"})
    steps = (await archive_of(scene.county, f"/monitored/{stopped['monitored_id']}"))["steps"]
    assert [step["on"] for step in steps if step["kind"] == "measure_stopped"] == ["2021-07-01"]


async def test_a_report_of_the_sum_so_far_never_takes_back_and_never_goes_beyond(scene: Scene) -> None:
    address = await planned_measure(scene, funds_planned="3000.00")
    report = {"progress": "已申报"}
    await move(scene.village, f"{address}/progress", report | {"funds_paid": "1000"})
    for so_far, code in (("999.99", "paid_less"), ("3000.01", "beyond_planned")):
        refused = await move(
            scene.village, f"{address}/progress", report | {"funds_paid": so_far}, expect=422
        )
        assert refused["code"] == code
    shown = await move(scene.village, f"{address}/progress", report | {"funds_paid": "1000"})
    assert len(shown["payments"]) == 1, "the same sum again is no payment"


@pytest.mark.check
@pytest.mark.parametrize(
    ("risk_type", "fitting"),
    [
        ("illness", {"health", "social", "safety_net", "relief"}),
        ("schooling", {"education", "social"}),
        ("water", {"water"}),
        ("housing", {"housing", "relocation"}),
        ("other", None),
        (None, None),
    ],
)
def test_each_risk_is_fitted_by_the_kinds_of_the_rule(
    risk_type: str | None, fitting: set[str] | None
) -> None:
    kinds = {each.code for each in code_lists()["measure_kind"].codes}
    doubted = {kind for kind in kinds if misfit(kind, risk_type, date(2021, 6, 14))}
    assert kinds - doubted == (kinds if fitting is None else fitting)


async def test_a_misfit_is_taken_and_shown_as_a_doubt(scene: Scene) -> None:
    home = await scene.known(household())
    thing = await monitored(scene, home.id)
    draft = forms.MEASURE | {"kind": "water"}
    shown = (await scene.village.post(f"{thing}/measures", json=draft)).json()
    assert (
        shown["doubt"]["zh"] == "“因病”风险应有健康帮扶、临时救助、兜底保障、社会帮扶类措施，此措施为饮水保障"
    )
    assert "against illness there should be health or" in shown["doubt"]["en"]
    fitting = (await scene.village.post(f"{thing}/measures", json=forms.MEASURE)).json()
    assert fitting["doubt"] is None


async def test_plans_follow_each_other(scene: Scene) -> None:
    home = await scene.known(household())
    thing = await monitored(scene, home.id)
    for changes in ({"goal": "自付可承受"}, {"goal": "稳定增收", "occasion": "自付已下降，转向增收"}):
        made = await scene.village.post(f"{thing}/plans", json=forms.PLAN | changes)
        assert made.status_code == 201, made.text
    plans = (await scene.village.get(f"{thing}/plans")).json()["items"]
    assert [(each["goal"], each["occasion"]) for each in plans] == [
        ("自付可承受", None),
        ("稳定增收", "自付已下降，转向增收"),
    ]
    assert plans[-1]["intents"] == [{"risk_type": "illness", "intended": "代办慢病卡，控制自付"}]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        pytest.param({"intents": []}, "risk_forgotten", id="a risk is forgotten"),
        pytest.param(
            {"intents": [*forms.PLAN["intents"], {"risk_type": "water", "intended": "接管网"}]},
            "risk_not_open",
            id="a risk is not there",
        ),
        pytest.param({"on": "2021-06-13"}, "date_out_of_order", id="before tagging"),
        pytest.param({"on": "2021-06-15"}, "date_in_future", id="tomorrow"),
    ],
)
async def test_a_plan_names_each_open_risk(scene: Scene, changes: dict[str, Any], code: str) -> None:
    home = await scene.known(household())
    thing = await monitored(scene, home.id)
    refused = await scene.village.post(f"{thing}/plans", json=forms.PLAN | changes)
    assert (refused.status_code, refused.json()["code"]) == (422, code)


async def test_a_plan_is_reviewed_and_kept_or_made_anew_with_the_occasion(scene: Scene) -> None:
    home = await scene.known(household())
    thing = await monitored(scene, home.id)
    review = {"words": "措施有效，继续执行"}
    refused = await scene.village.post(f"{thing}/plans/review", json=review)
    assert (refused.status_code, refused.json()["code"]) == (409, "no_plan")
    await scene.village.post(f"{thing}/plans", json=forms.PLAN)
    scene.go_to(2021, 9, 14)
    kept = (await scene.village.post(f"{thing}/plans/review", json=review)).json()
    assert (kept["review"], kept["reviewed_on"], kept["reviewed_by"]) == (
        "措施有效，继续执行",
        "2021-09-14",
        "village-1",
    )
    refused = await scene.village.post(f"{thing}/plans", json=forms.PLAN)
    assert (refused.status_code, refused.json()["code"]) == (422, "say_why_anew")
    late = await scene.village.post(f"{thing}/plans/review", json=review | {"on": "2021-09-13"})
    assert late.json()["code"] == "date_out_of_order"


async def test_nothing_new_is_planned_for_who_is_not_under_watch(scene: Scene) -> None:
    home = await scene.known(household())
    thing = await monitored(scene, home.id)
    await closed(scene, thing)
    for path, form in (
        ("measures", forms.MEASURE),
        ("plans", forms.PLAN),
        ("plans/review", {"words": "x"}),
        ("reasons", {"risk_type": "illness", "reason": "x", "until_on": "2021-07-01"}),
    ):
        answer = await scene.village.post(f"{thing}/{path}", json=form)
        assert (answer.status_code, answer.json()["code"]) == (409, "nothing_to_help"), path


@pytest.mark.parametrize(("path", "form"), [("measures", forms.MEASURE), ("plans", forms.PLAN)])
async def test_nothing_is_planned_beside_a_closure_that_is_being_decided(
    scene: Scene, path: str, form: dict[str, Any]
) -> None:
    thing = await monitored(scene, (await scene.known(household())).id)
    async with scene.service.database.writing(system("tests")) as db:
        of_thing = UUID(thing.rpartition("/")[2])
        decided = await db.one(
            select(MonitoredObject).where(col(MonitoredObject.id) == of_thing).with_for_update()
        )
        episodes = await db.all(select(RiskEpisode).where(col(RiskEpisode.monitored_id) == of_thing))
        decided.close(episodes, kind="died_out", reason="整户死亡", on=db.today)
        await db.flush()
        planning = asyncio.create_task(scene.village.post(f"{thing}/{path}", json=form))
        assert await asyncio.wait([planning], timeout=0.5) == (set(), {planning}), "it waits"
    answer = await planning
    assert (answer.status_code, answer.json()["code"]) == (409, "nothing_to_help")


async def planned_measure(scene: Scene, *, thing: str | None = None, **changes: Any) -> str:
    """Return the address of a new measure, of a new household unless one is given."""
    if thing is None:
        thing = await monitored(scene, (await scene.known(household())).id)
    planned = await scene.village.post(f"{thing}/measures", json=forms.MEASURE | changes)
    assert planned.status_code == 201, planned.text
    return f"/measures/{planned.json()['id']}"
