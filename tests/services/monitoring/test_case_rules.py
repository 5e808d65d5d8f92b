"""Who is to be monitored, and whether forms hold: tables that an official could read."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from services.monitoring.cases import errors, rules
from services.monitoring.cases.departments import asking
from services.monitoring.cases.schemas import (
    HouseholdCheckForm,
    IncomeStatement,
    JointCheckForm,
    PublicityForm,
    RigidExpenditure,
)
from services.monitoring.datasets.catalog import datasets
from services.monitoring.deliberation import DeliberationForm, VotesDoNotAddUp, is_carried
from services.monitoring.limits import Limit
from services.monitoring.replicas.model import HouseholdReplica, PersonReplica
from shared.domain.codes import code_lists
from shared.domain.income_line import income_line
from shared.keys import uuid7
from shared.refusal import Invalid, Refusal
from tests.services.monitoring import forms
from tests.services.monitoring.conftest import VILLAGE

pytestmark = pytest.mark.check

LINE = Decimal(6000)


def statement(net: str, **changes: Any) -> IncomeStatement:
    none = dict.fromkeys(("business", "property", "transfer", "production_cost"), "0")
    return IncomeStatement.model_validate(none | {"wage": net, "sharers": 1} | changes)


@pytest.mark.parametrize(
    ("net", "changes", "expected"),
    [
        pytest.param("3000.00", {}, "3000.00", id="one person keeps all"),
        pytest.param("10000.00", {"sharers": 3}, "3333.33", id="thirds are rounded to the cent"),
        pytest.param("10000.05", {"sharers": 2}, "5000.03", id="half a cent away from zero"),
        pytest.param("9000.00", {"business": "2000", "production_cost": "2500"}, "8500.00", id="costs count"),
        pytest.param("0", {"production_cost": "1200"}, "-1200.00", id="a bad harvest is a loss"),
    ],
)
def test_net_income_per_capita(net: str, changes: dict[str, Any], expected: str) -> None:
    assert str(rules.net_income_per_capita(statement(net, **changes))) == expected


def test_reference_eases_expenditure_by_compensation() -> None:
    spent = RigidExpenditure(medical=Decimal(9000), schooling=Decimal(1000))
    income = statement("20000", sharers=2, compensation="4000")
    assert rules.reference_per_capita(income, spent) == Decimal(7000)


@pytest.mark.parametrize(
    ("lifted", "net", "reference", "last", "hardship", "category"),
    [
        pytest.param(
            True, 5999, 5999, None, False, "unstable_lifted", id="a lifted household below the line"
        ),
        pytest.param(False, 5999, 5999, None, False, "marginal", id="a general household below the line"),
        pytest.param(False, 6000, 6000, None, False, None, id="on the line is not below it"),
        pytest.param(False, 9000, 2000, None, True, "sudden_hardship", id="expenditure leaves too little"),
        pytest.param(True, 9000, 2000, None, True, "sudden_hardship", id="also of a lifted household"),
        pytest.param(False, 9000, 2000, None, False, None, id="but nobody described a hardship"),
        pytest.param(False, 9000, 8000, None, True, None, id="a hardship that leaves enough"),
        pytest.param(False, 9000, 9000, 18000, True, "sudden_hardship", id="income halved"),
        pytest.param(False, 9001, 9001, 18000, True, None, id="income not quite halved"),
        pytest.param(False, 9000, 9000, 0, True, None, id="no income before to fall from"),
    ],
)
def test_category(
    *, lifted: bool, net: int, reference: int, last: int | None, hardship: bool, category: str | None
) -> None:
    decided = rules.category_of(
        lifted=lifted,
        net=Decimal(net),
        reference=Decimal(reference),
        last=None if last is None else Decimal(last),
        hardship=hardship,
        line=LINE,
        fall=Decimal("0.5"),
    )
    assert decided == category


def test_a_judgement_says_by_which_rule_inputs_and_thresholds() -> None:
    home = HouseholdReplica(
        id=uuid7(), division_code=VILLAGE, number="1", kind="lifted", member_count=3, sequence=1
    )
    day = date(2021, 6, 10)
    form = HouseholdCheckForm.model_validate(forms.CHECK)
    category, judgement = rules.judge(form, home, income_line(VILLAGE, day), day)
    assert category == judgement["category"] == "unstable_lifted"
    assert judgement["version"] == "2021-05"
    assert judgement["inputs"]["net_income_per_capita"] == "5100.00"
    assert judgement["inputs"]["reference_per_capita"] == "-900.00"
    assert judgement["thresholds"]["income_line"] == "6000"
    assert judgement["source"]


def person(**facts: Any) -> PersonReplica:
    known: dict[str, Any] = {
        "household_id": uuid7(),
        "member_id": uuid7(),
        "division_code": VILLAGE,
        "name": "王建国",
    }
    return PersonReplica(**(known | {"relationship": "head", "health": []} | facts))


@pytest.mark.parametrize(
    ("changes", "members", "asked"),
    [
        pytest.param({}, [person()] * 3, [], id="nothing to ask"),
        pytest.param({"expenditure": {}}, [person()] * 3, ["因病致贫"], id="illness that cost nothing"),
        pytest.param({}, [person()], ["共同生活人口"], id="people who are not registered"),
        pytest.param(
            {"risks": [{"risk_type": "job_instability", "cause": "失业"}]},
            [person(labour="none")] * 3,
            ["因务工就业不稳"],
            id="work lost where nobody works",
        ),
        pytest.param(
            {"risks": [{"risk_type": "disability", "cause": "致残"}]},
            [person(health=["healthy"])] * 3,
            ["因残致贫"],
            id="disability of nobody",
        ),
        pytest.param(
            {"guarantees": forms.SOLID | {"housing": False, "water": False}},
            [person()] * 3,
            ["住房安全", "饮水安全"],
            id="guarantees that fail without a risk",
        ),
    ],
)
def test_what_an_auditor_would_ask(
    changes: dict[str, Any], members: list[PersonReplica], asked: list[str]
) -> None:
    form = HouseholdCheckForm.model_validate(forms.CHECK | changes)
    found = rules.doubts(form, members)
    assert len(found) == len(asked)
    assert all(words.startswith(start) for words, start in zip(found, asked, strict=True))


@pytest.mark.parametrize(
    ("votes", "carried"),
    [
        pytest.param((3, 0, 0), True, id="all"),
        pytest.param((2, 1, 0), True, id="more than half"),
        pytest.param((1, 1, 1), False, id="more for than against, but not half"),
        pytest.param((0, 3, 0), False, id="none"),
        pytest.param((4, 0, 0), None, id="kin voted"),
        pytest.param((2, 0, 0), None, id="a vote is missing"),
    ],
)
def test_a_vote(votes: tuple[int, int, int], carried: bool | None) -> None:  # noqa: FBT001 - a column of the table
    cast = dict(zip(("votes_for", "votes_against", "abstained"), votes, strict=True))
    form = DeliberationForm.model_validate(forms.DELIBERATION_WITH_KIN | cast)
    if carried is None:
        with pytest.raises(VotesDoNotAddUp):
            is_carried(form)
    else:
        assert is_carried(form) is carried


@pytest.mark.parametrize(
    ("limit", "until", "enough"),
    [
        pytest.param(Limit(5, "natural"), "2021-06-14", True, id="five days with the first"),
        pytest.param(Limit(5, "natural"), "2021-06-13", False, id="four days"),
        pytest.param(Limit(5, "working"), "2021-06-16", False, id="working days over a holiday"),
        pytest.param(Limit(5, "working"), "2021-06-17", True, id="five working days"),
    ],
)
def test_publicity_lasts(*, limit: Limit, until: str, enough: bool) -> None:
    form = PublicityForm.model_validate({"from_on": "2021-06-10", "until_on": until, "place": "公开栏"})
    if enough:
        rules.expect_published(form, limit)
    else:
        with pytest.raises(errors.PublicityTooShort):
            rules.expect_published(form, limit)


def heard(*opinions: tuple[str, str], **of_the_last: Any) -> JointCheckForm:
    said: list[dict[str, Any]] = [
        {"department": department, "by": "孙敏", "opinion": opinion} for department, opinion in opinions
    ]
    return JointCheckForm.model_validate(
        {"opinions": [*said[:-1], said[-1] | of_the_last], "opinion": "可以"}
    )


AGREED = (("civil_affairs", "agree"), ("health", "agree"))
ANSWERED = {"reason": "已由低保覆盖", "answer": "低保后收入仍低于监测线"}


@pytest.mark.parametrize(
    ("form", "refusal"),
    [
        pytest.param(heard(*AGREED), None, id="all agree"),
        pytest.param(heard(*AGREED, ("water", "agree")), None, id="more are heard than need be"),
        pytest.param(heard(AGREED[0]), errors.DepartmentNotHeard, id="one is left out"),
        pytest.param(
            heard(*AGREED, AGREED[0]),
            Invalid,
            id="one speaks twice: whether it agrees would be anybody's guess",
        ),
        pytest.param(heard(AGREED[0], ("health", "object")), Invalid, id="an objection without a reason"),
        pytest.param(heard(AGREED[0], ("health", "doubt")), Invalid, id="a doubt about nothing"),
        pytest.param(
            heard(AGREED[0], ("health", "object"), reason="已康复"), errors.OpinionUnanswered, id="unanswered"
        ),
        pytest.param(
            heard(*AGREED, ("bank", "doubt"), reason="有贷款"),
            errors.OpinionUnanswered,
            id="a doubt counts, whoever has it",
        ),
        pytest.param(heard(AGREED[0], ("health", "object"), **ANSWERED), None, id="an answered objection"),
        pytest.param(heard(AGREED[0], ("health", "doubt"), **ANSWERED), None, id="an answered doubt"),
    ],
)
def test_a_joint_check(form: JointCheckForm, refusal: type[Refusal] | None) -> None:
    if refusal is None:
        rules.expect_heard(form, ["civil_affairs", "health"])
    else:
        with pytest.raises(refusal):
            rules.expect_heard(form, ["civil_affairs", "health"])


def test_every_risk_concerns_somebody_and_no_joint_check_hears_one_alone() -> None:
    rule = asking(VILLAGE, date(2021, 6, 10))
    assert "样例" in rule.source
    for risk in code_lists()["risk_type"].codes:
        asked = rule.of([risk.code])
        assert len(asked) >= 2, risk
        assert len(asked) == len(set(asked))
    assert rule.of(["illness", "medical_guarantee"]) == rule.of(["illness"]), "each is asked once"


def test_whoever_sends_datasets_is_a_department_of_the_list() -> None:
    senders = {dataset.department for dataset in datasets().values()}
    assert {sender for sender in senders if code_lists()["department"].code_of(sender) is None} == set()
