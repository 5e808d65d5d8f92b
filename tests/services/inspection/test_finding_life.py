"""The life of a finding: every move from every state, then thousands of random ones."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from hypothesis import settings, strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from services.inspection.findings import errors
from services.inspection.findings.model import Finding, FindingStatus as S
from shared.keys import uuid7
from shared.refusal import Refusal

pytestmark = pytest.mark.check

DAY = date(2021, 6, 10)
MOVES: dict[str, Callable[[Finding, str], None]] = {
    "plan": lambda finding, who: finding.plan(
        measures="检修", unit="水利局", person=who, deadline_on=DAY, on=DAY
    ),
    "rectify": lambda finding, who: finding.rectify(what="已修", evidence=["照片"], by=who, name=who, on=DAY),
    "verify": lambda finding, who: finding.verify(by=who, name=who, on=DAY),
    "send_back": lambda finding, _who: finding.send_back(reason="证据不足"),
    "reopen": lambda finding, _who: finding.reopen(reason="反弹"),
}
#: All that is allowed: where a move leads from a state. What is not here is refused.
LEADS = {
    (S.RAISED, "plan"): S.PLANNED,
    (S.PLANNED, "plan"): S.PLANNED,
    (S.RETURNED, "plan"): S.PLANNED,
    (S.REOPENED, "plan"): S.PLANNED,
    (S.PLANNED, "rectify"): S.SUBMITTED,
    (S.RETURNED, "rectify"): S.SUBMITTED,
    (S.SUBMITTED, "verify"): S.CLOSED,
    (S.SUBMITTED, "send_back"): S.RETURNED,
    (S.CLOSED, "reopen"): S.REOPENED,
}


def finding_in(status: S) -> Finding:
    """A finding as it is in that state, rectified by somebody else than the one who moves next."""
    return Finding(
        campaign_id=uuid7(),
        division_code="340621100201",
        item="A1-04",
        object_kind="household",
        object_name="王建国",
        facts="水压不足",
        severity="critical",
        source="visit",
        raised_on=DAY,
        raised_by="张强",
        deadline_on=DAY + timedelta(5),
        status=status,
        rectified_by="rectifier",
        closed_on=DAY if status is S.CLOSED else None,
    )


@pytest.mark.parametrize("status", S)
@pytest.mark.parametrize("move", MOVES)
def test_a_move_leads_where_the_table_says_or_is_refused(status: S, move: str) -> None:
    finding = finding_in(status)
    wanted = LEADS.get((status, move))
    if wanted is None:
        with pytest.raises(Refusal):
            MOVES[move](finding, "somebody")
        assert finding.status == status
    else:
        MOVES[move](finding, "somebody")
        assert finding.status == wanted


def test_what_was_corrected_on_the_spot_counts_no_more_once_it_is_back() -> None:
    finding = finding_in(S.RAISED)
    finding.correct_on_the_spot(what="更换", evidence=["照片"], by="a", name="a", on=DAY)
    assert (finding.status, finding.on_the_spot, finding.closed_on) == (S.CLOSED, True, DAY)
    finding.reopen(reason="反弹")
    assert (finding.status, finding.on_the_spot, finding.closed_on) == (S.REOPENED, False, None)


class FindingLife(RuleBasedStateMachine):
    """Random moves by three persons against the table above."""

    def __init__(self) -> None:
        super().__init__()
        self.finding = finding_in(S.RAISED)
        self.status, self.rectifier = S.RAISED, ""
        self.counts = {"send_back": 0, "reopen": 0}

    @rule(move=st.sampled_from(list(MOVES)), who=st.sampled_from(["甲", "乙", "丙"]))
    def try_to(self, move: str, who: str) -> None:
        """Make any move: it does what the table says, or changes nothing."""
        wanted = LEADS.get((self.status, move))
        before = self.finding.model_dump()
        try:
            MOVES[move](self.finding, who)
        except errors.SamePerson:
            assert (self.status, move, who) == (S.SUBMITTED, "verify", self.rectifier)
            assert self.finding.model_dump() == before
        except Refusal:
            assert wanted is None
            assert self.finding.model_dump() == before
        else:
            assert wanted is not None
            self.status = wanted
            self.rectifier = who if move == "rectify" else self.rectifier
            self.counts[move] = self.counts.get(move, 0) + 1

    @precondition(lambda self: self.status is S.SUBMITTED)
    @rule()
    def verified_by_the_rectifier(self) -> None:
        """Four eyes, always."""
        with pytest.raises(errors.SamePerson):
            self.finding.verify(by=self.rectifier, name="", on=DAY)

    @invariant()
    def agrees(self) -> None:
        """The finding is what its story says."""
        assert self.finding.status == self.status
        assert (self.finding.closed_on is not None) == (self.status is S.CLOSED)
        assert (self.finding.returned, self.finding.reopened) == (
            self.counts["send_back"],
            self.counts["reopen"],
        )


FindingLife.TestCase.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
test_random_moves_keep_to_the_table = FindingLife.TestCase
