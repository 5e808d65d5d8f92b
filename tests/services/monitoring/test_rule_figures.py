"""What officials write of rules that draw figures from departments' rows: as the rule is shown, by its own figures."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from services.monitoring.rulebook.documents import Rule, shipped_rules
from services.monitoring.rulebook.model import RuleDraft
from shared.identity.principal import system
from tests.services.monitoring.comparing import Department, figures
from tests.services.monitoring.conftest import COUNTY, Scene
from tests.services.monitoring.test_comparison_rules import WANG, department, expenses
from tests.services.monitoring.test_rulebook import publish

__all__ = ["department"]
FIGURE = {
    "of": "person",
    "kind": "yuan",
    "zh": "本年累计个人自付",
    "en": "paid by oneself this year",
    "datasets": ["medical_expense"],
    "take": "sum_amount",
    "window": "year",
}


def written(fact: str, **changes: Any) -> dict[str, Any]:
    """Return a county's own version of a rule of medical expenses, by a figure of that name."""
    version = {
        "version": "county",
        "area": COUNTY,
        "from": "2021-06-10",
        "source": "县级样例",
        "if": [{"fact": fact, "over": 100}],
        "examples": [
            {"zh": "101 元", "given": {fact: 101}, "hit": True},
            {"zh": "100 元", "given": {fact: 100}, "hit": False},
        ],
    }
    head = {"zh": "医保年度累计自付", "en": "Medical expense of the year", "subject": "person"}
    rule = {"id": "medical_year", "meaning": "warning", "risk_type": "illness", "figures": {fact: FIGURE}}
    return head | rule | {"versions": [version]} | changes


async def test_a_rule_is_shown_as_a_version_of_it_is_written(department: Department, scene: Scene) -> None:
    shown = (await scene.county.get("/rules/medical_year")).json()
    del shown["in_force"]
    shown["versions"] = written("self_paid")["versions"]
    answer = await scene.county.post("/rules/drafts", json={"document": shown})
    assert answer.status_code == 201, answer.text
    await publish(scene, f"/rules/drafts/{answer.json()['id']}", by="other_county")
    earlier = await department.send(expenses(("王建国", WANG, 101)), "2021-05")
    assert figures(earlier)[-1] == 0
    assert figures(await department.send(expenses(("王建国", WANG, 1)), "2021-06"))[-1] == 1


@pytest.mark.parametrize("fact", ["spent", "self_paid"])
async def test_a_version_that_goes_by_other_figures_than_its_rule_is_refused(scene: Scene, fact: str) -> None:
    rule = written(fact, figures={fact: FIGURE | {"take": "max_amount"}})
    for path in ("/rules/drafts", "/rules/trials"):
        answer = await scene.county.post(path, json={"document": rule})
        assert (answer.status_code, answer.json()["code"]) == (422, "rule_head_differs"), path
    rule["id"] = "medical_once"
    assert (await scene.county.post("/rules/drafts", json={"document": rule})).status_code == 201


def once(figure: dict[str, Any], **version: Any) -> dict[str, Any]:
    """Return a rule of a county's own."""
    rule = written("spent", id="medical_once", figures={"spent": FIGURE | figure})
    return rule | {"versions": [rule["versions"][0] | version]}


def given(hit: Any, **more: Any) -> list[dict[str, Any]]:
    """Return examples, of which the first is hit."""
    return [
        {"zh": "中", "given": {"spent": hit} | more, "hit": True},
        {"zh": "不中", "given": {}, "hit": False},
    ]


CODE = {"kind": "code", "codes": "medical_kind"}
IN_PATIENT = {"if": [{"fact": "spent", "is": "in_patient"}], "examples": given("in_patient")}
EITHER = {"any": [{"fact": "spent", "over": 100}, {"fact": "age", "over": 90}]}


@pytest.mark.parametrize(
    ("rule", "where", "why"),
    [
        pytest.param(
            once({"datasets": ["medical_expense", "medical"]}),
            "figures/spent/datasets/1",
            "没有这个数据集",
            id="dataset",
        ),
        pytest.param(
            once({"datasets": ["medical_expense", "enrolment"]}),
            "figures/spent/datasets/1",
            "没有 amount 列",
            id="column",
        ),
        pytest.param(once({"per": "village"}), "figures/spent/datasets/0", "按 person 取数", id="per"),
        pytest.param(
            once({}) | {"subject": "household"}, "figures/spent/datasets/0", "按 household 取数", id="subject"
        ),
        pytest.param(once(CODE, **IN_PATIENT), "figures/spent/kind", "不是这一类型", id="kind"),
        pytest.param(
            once(CODE | {"take": "newest_kind", "codes": "nothing"}, **IN_PATIENT), "", "不会是", id="list"
        ),
        pytest.param(
            once({}, **{"if": [EITHER], "examples": given(101)}), "versions/0/if", "至少一项条件", id="any"
        ),
        pytest.param(
            once({}, **{"if": [{"fact": "spent", "over": 10**40}], "examples": given(10**41)}),
            "versions/0",
            "小于一万亿",
            id="number",
        ),
    ],
)
async def test_a_rule_by_which_no_batch_could_be_asked_is_refused(
    scene: Scene, rule: dict[str, Any], where: str, why: str
) -> None:
    for path in ("/rules/drafts", "/rules/trials"):
        answer = await scene.county.post(path, json={"document": rule})
        assert (answer.status_code, answer.json().get("code")) == (422, "rule_unsound"), answer.text
        (fault,) = answer.json()["errors"]
        assert (fault["pointer"], why in fault["message"]) == (f"/document/{where}", True)


async def let_in(department: Department, rule: dict[str, Any]) -> None:
    """Put a rule in force as it could be put once."""
    document = Rule.model_validate(rule).model_dump(mode="json", by_alias=True, exclude_none=True)
    async with department.service.database.writing(system("tests")) as db:
        day, by = db.today, "甲"
        draft = RuleDraft(
            rule=rule["id"],
            area=COUNTY,
            valid_from=day,
            document=document,
            drafted_by=by,
            drafted_by_name=by,
            drafted_on=day,
        )
        draft.publish(by="乙", name="乙", on=day)
        db.add(draft)


def of_this_year() -> dict[str, Any]:
    """Return a version of a rule of two figures that asks the one which the other versions may do without."""
    shown = shipped_rules()["medical_twelve_months"].model_dump(mode="json", by_alias=True, exclude_none=True)
    return shown | {"versions": written("this_year")["versions"]}


async def test_a_version_asks_a_figure_that_all_others_ask(department: Department, scene: Scene) -> None:
    answer = await scene.county.post("/rules/drafts", json={"document": of_this_year()})
    assert (answer.status_code, answer.json()["code"]) == (422, "rule_unsound")
    await let_in(department, of_this_year())
    assert figures(await department.send(expenses(("王建国", WANG, 15_001)), "2021-06"))[-1] == 1


@pytest.mark.parametrize(
    "rule",
    [written("spent"), once(CODE, **IN_PATIENT), once({"per": "village"})],
    ids=["names", "kind", "per"],
)
async def test_a_rule_that_was_once_let_in_stops_no_batch(
    department: Department, rule: dict[str, Any]
) -> None:
    await let_in(department, rule)
    assert figures(await department.send(expenses(("王建国", WANG, 15_001)), "2021-06"))[-1] == 1


async def test_of_two_versions_of_one_name_put_in_force_at_once_one_holds(scene: Scene) -> None:
    for name in ("a", "b", "c", "d"):
        drafts = []
        for least in (100, 200):
            rule = once(
                {}, **{"version": name, "if": [{"fact": "spent", "over": least}], "examples": given(201)}
            )
            drafts.append((await scene.county.post("/rules/drafts", json={"document": rule})).json())
        both = [
            scene.other_county.post(f"/rules/drafts/{each['id']}/publication", headers={"If-Match": '"1"'})
            for each in drafts
        ]
        assert sorted([each.status_code for each in await asyncio.gather(*both)]) == [200, 409]
