"""The life of a case: steps in their order, no step left out, nobody alone."""

from __future__ import annotations

from datetime import date
from itertools import product

import pytest
from hypothesis import settings, strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from services.monitoring.cases import errors
from services.monitoring.cases.model import CaseStatus, IdentificationCase
from services.monitoring.cases.steps import Step
from shared.keys import uuid7
from shared.refusal import Refusal

pytestmark = pytest.mark.check

VILLAGE = "340621100201"
DAY = date(2021, 6, 10)


def new_case() -> IdentificationCase:
    return IdentificationCase.opened(
        household_id=uuid7(), division_code=VILLAGE, clue_id=uuid7(), on=DAY, green_channel=False
    )


def do(case: IdentificationCase, step: Step, who: str) -> None:
    """Do a step in somebody's name."""
    match step:
        case Step.HOUSEHOLD_CHECK:
            case.check(risks=[], judgement={}, category="marginal", by=[who, f"officer {who}"], on=DAY)
        case Step.DELIBERATION:
            case.deliberate(kin=[], by=who, on=DAY)
        case Step.TOWN_REVIEW:
            case.review(by=who, name=who, on=DAY)
        case Step.JOINT_CHECK:
            case.check_jointly(by=who, name=who, speakers=[f"speaker {who}"], on=DAY)
        case Step.COUNTY_APPROVAL:
            case.approve(monitored_id=uuid7(), by=who, name=who, on=DAY)
        case _:
            case.complete(step, on=DAY)


@pytest.mark.parametrize(
    ("checker", "deliberator", "reviewer"), list(product("甲乙丙丁戊", repeat=3)), ids="".join
)
def test_nobody_decides_alone(checker: str, deliberator: str, reviewer: str) -> None:
    for convener, approver in product("甲乙丙丁戊", repeat=2):
        case, refused = new_case(), False
        people = {
            Step.HOUSEHOLD_CHECK: checker,
            Step.DELIBERATION: deliberator,
            Step.TOWN_REVIEW: reviewer,
            Step.JOINT_CHECK: convener,
            Step.COUNTY_APPROVAL: approver,
        }
        try:
            for step in Step:
                do(case, step, people.get(step, "己"))
        except errors.SamePerson:
            refused = True
        alone = len({checker, reviewer, convener, approver}) < 4 or deliberator in (convener, approver)
        assert refused == alone, (convener, approver)
        assert (case.monitored_id is not None) == (not refused)


@pytest.mark.parametrize(
    ("speaker", "refusal"),
    [
        pytest.param("甲", errors.SamePerson, id="who checked"),
        pytest.param("officer 甲", errors.SamePerson, id="an officer who checked"),
        pytest.param("王建军", errors.KinDecides, id="kin who sat in the deliberation"),
    ],
)
def test_who_speaks_for_a_department_comes_to_it_fresh(speaker: str, refusal: type[Refusal]) -> None:
    case = new_case()
    for step in list(Step)[:3]:
        do(case, step, "甲")
    case.deliberate(kin=[{"name": "王建军", "role": "村民代表"}], by="乙", on=DAY)
    do(case, Step.PUBLICITY, "乙")
    do(case, Step.TOWN_REVIEW, "丙")
    with pytest.raises(refusal):
        case.check_jointly(by="丁", name="丁", speakers=["孙敏", speaker], on=DAY)
    case.check_jointly(by="丁", name="丁", speakers=["孙敏"], on=DAY)
    with pytest.raises(errors.SamePerson):
        case.approve(monitored_id=uuid7(), by="her account", name="孙敏", on=DAY)


@pytest.mark.parametrize(("checker", "reviewer"), list(product("甲乙丙丁戊亲", repeat=2)), ids="".join)
def test_with_kin_in_office_five_decide_and_none_of_them_is_kin(checker: str, reviewer: str) -> None:
    for others in product("甲乙丙丁戊亲", repeat=3):
        expect_five(checker, reviewer, *others)


def expect_five(checker: str, reviewer: str, convener: str, first: str, second: str) -> None:
    """Try it with these people: it succeeds with five who are no kin, and else not at all."""
    case, kin = new_case(), {"name": "亲", "office": "村会计", "relation": "户主之弟"}
    refused = False
    try:
        do(case, Step.CONSENT, "己")
        case.check(risks=[], judgement={}, category="marginal", by=[checker], on=DAY, relatives=[kin])
        for step in (Step.DATA_CHECK, Step.DELIBERATION, Step.PUBLICITY):
            do(case, step, "己")
        do(case, Step.TOWN_REVIEW, reviewer)
        do(case, Step.JOINT_CHECK, convener)
        if first not in (checker, reviewer, convener, "亲"):
            with pytest.raises(errors.SecondApproverNeeded):
                do(case, Step.COUNTY_APPROVAL, first)
        assert case.needs_another_approval(by=first, name=first, on=DAY)
        assert case.awaits_second_approval
        assert case.monitored_id is None
        assert not case.needs_another_approval(by=second, name=second, on=DAY)
        do(case, Step.COUNTY_APPROVAL, second)
    except (errors.SamePerson, errors.KinDecides):
        refused = True
    deciders = {checker, reviewer, convener, first, second}
    assert refused == (len(deciders) < 5 or "亲" in deciders), deciders
    assert (case.monitored_id is not None) == (not refused)


@pytest.mark.parametrize("kin", [[], [{"name": "王建军", "role": "村民代表"}]], ids=["alone", "one of two"])
def test_who_recorded_the_deliberation_approves_neither_first_nor_second(kin: list[dict[str, str]]) -> None:
    case = new_case()
    for step in list(Step)[:3]:
        do(case, step, "甲")
    case.deliberate(kin=kin, by="乙", on=DAY)
    for step, who in ((Step.PUBLICITY, "乙"), (Step.TOWN_REVIEW, "丙"), (Step.JOINT_CHECK, "丁")):
        do(case, step, who)
    with pytest.raises(errors.SamePerson):
        case.needs_another_approval(by="乙", name="乙", on=DAY)
    assert case.needs_another_approval(by="戊", name="戊", on=DAY) == bool(kin)
    with pytest.raises(errors.SamePerson):
        do(case, Step.COUNTY_APPROVAL, "乙")


def test_a_case_of_before_recorders_were_kept_is_approved_by_whom_it_was() -> None:
    case = new_case()
    for step in list(Step)[:7]:
        do(case, step, step.value)
    case.deliberated_by = None
    do(case, Step.COUNTY_APPROVAL, "deliberation")
    assert case.approved_by == "deliberation"


def test_a_return_takes_the_first_approval_back() -> None:
    case = new_case()
    for step in list(Step)[:3]:
        do(case, step, "甲" if step is Step.HOUSEHOLD_CHECK else "戊")
    case.deliberate(kin=[{"name": "王建军", "role": "村民代表"}], by="戊", on=DAY)
    do(case, Step.PUBLICITY, "戊")
    do(case, Step.TOWN_REVIEW, "乙")
    do(case, Step.JOINT_CHECK, "丁")
    assert case.needs_another_approval(by="丙", name="丙", on=DAY)
    case.return_to(Step.DELIBERATION, reason="补充记录", on=DAY)
    assert not case.awaits_second_approval
    case.deliberate(kin=[], by="戊", on=DAY)
    do(case, Step.PUBLICITY, "戊")
    do(case, Step.TOWN_REVIEW, "乙")
    do(case, Step.JOINT_CHECK, "丁")
    assert not case.needs_another_approval(by="丙", name="丙", on=DAY), "nobody is kin any more"


def test_an_officer_named_in_the_form_does_not_review_it_under_their_own_account() -> None:
    case = new_case()
    for step in list(Step)[:5]:
        do(case, step, "甲")
    with pytest.raises(errors.SamePerson):
        case.review(by="another-subject", name="officer 甲", on=DAY)


def test_a_household_that_meets_no_criterion_is_not_approved() -> None:
    case = new_case()
    for step in list(Step)[:7]:
        do(case, step, step.value)
    case.category = None
    with pytest.raises(errors.CriteriaNotMet):
        do(case, Step.COUNTY_APPROVAL, "county")
    case.refuse(reason="收入稳定且高于监测范围", on=DAY)
    assert case.status == CaseStatus.REFUSED


class CaseLife(RuleBasedStateMachine):
    """Random steps, returns and ends: a case is approved only after all steps in their order."""

    def __init__(self) -> None:
        super().__init__()
        self.case = new_case()
        self.done: list[Step] = []
        self.withdrawer: str | None = None

    @rule(step=st.sampled_from(Step), who=st.sampled_from("甲乙丙丁戊"))
    def try_step(self, step: Step, who: str) -> None:
        """Try any step by anybody."""
        is_next = self.case.status == CaseStatus.OPEN and self.case.step == step
        try:
            do(self.case, step, who)
        except errors.SamePerson:
            assert is_next
        except Refusal:
            assert not is_next
        else:
            assert is_next
            self.done.append(step)
            self.withdrawer = None

    @rule(step=st.sampled_from(Step))
    def try_return(self, step: Step) -> None:
        """Try to return to any step."""
        allowed = self.case.status == CaseStatus.OPEN and self.case.monitored_id is None and step in self.done
        try:
            self.case.return_to(step, reason="材料不全", on=DAY)
        except Refusal:
            assert not allowed
        else:
            assert allowed
            self.done = self.done[: step.number - 1]
            self.withdrawer = None

    @rule(often=st.integers(0, 9))
    def try_refuse(self, often: int) -> None:
        """Seldom, end it: not once the county has approved."""
        if often:
            return
        undecided = self.is_undecided
        try:
            self.case.refuse(reason="原因", on=DAY)
        except Refusal:
            assert not undecided
        else:
            assert undecided

    @rule(who=st.sampled_from("甲乙丙"))
    def try_wish(self, who: str) -> None:
        """Take down that the household wants out."""
        free = self.is_undecided and self.withdrawer is None
        try:
            self.case.propose_withdrawal(reason="自愿", signed_by="王建国", by=who, name=who, on=DAY)
        except Refusal:
            assert not free
        else:
            assert free
            self.withdrawer = who

    @rule(who=st.sampled_from("甲乙丙"), agrees=st.integers(0, 9))
    def try_to_decide_on_it(self, who: str, agrees: int) -> None:
        """Turn it down or, seldom, agree: nobody on what they took down themselves."""
        other = self.is_undecided and self.withdrawer not in (None, who)
        try:
            if agrees:
                self.case.keep_open(by=who)
            else:
                self.case.withdraw(by=who, on=DAY)
        except Refusal:
            assert not other
        else:
            assert other
            assert (self.case.status == CaseStatus.WITHDRAWN) == (not agrees)
            self.withdrawer = None

    @property
    def is_undecided(self) -> bool:
        """Whether it may still end."""
        return self.case.status == CaseStatus.OPEN and self.case.monitored_id is None

    @invariant()
    def in_order(self) -> None:
        """What was done is always the beginning of the procedure, without a gap."""
        assert self.done == list(Step)[: len(self.done)]
        assert (self.case.monitored_id is not None) == (Step.COUNTY_APPROVAL in self.done)
        if self.case.status == CaseStatus.APPROVED:
            assert self.done == list(Step)
        if self.case.status == CaseStatus.OPEN:
            assert self.case.step == list(Step)[len(self.done)]


CaseLife.TestCase.settings = settings(max_examples=80, stateful_step_count=50)
test_random_steps_keep_the_order = CaseLife.TestCase
