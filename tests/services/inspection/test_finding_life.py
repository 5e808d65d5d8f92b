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
    "start": lambda finding, _who: finding.start(),
    "rectify": lambda finding, who: finding.rectify(what="已修", evidence=["照片"], by=who, name=who, on=DAY),
    "verify": lambda finding, who: finding.verify(by=who, name=who, on=DAY),
    "send_back": lambda finding, _who: finding.send_back(reason="证据不足"),
    "reopen": lambda finding, _who: finding.reopen(reason="反弹"),
    "merge": lambda finding, _who: finding.merge(finding_in(S.PLANNED), reason="重复登记"),
    "escalate": lambda finding, _who: finding.escalate(reason="逾期未动", on=DAY),
    "transfer": lambda finding, who: finding.transfer(to="住建局", reason="职责在住建", by=who),
    "accept_transfer": lambda finding, who: finding.accept_transfer(person=who, by=who),
    "refuse_transfer": lambda finding, _who: finding.refuse_transfer(reason="不属本单位职责"),
}
#: All that leads on: from where, what, to where. What is neither here nor below is refused.
LEADS = {
    (S.RAISED, "plan"): S.PLANNED,
    (S.PLANNED, "plan"): S.PLANNED,
    (S.RECTIFYING, "plan"): S.PLANNED,
    (S.RETURNED, "plan"): S.PLANNED,
    (S.REOPENED, "plan"): S.PLANNED,
    (S.PLANNED, "start"): S.RECTIFYING,
    (S.RETURNED, "start"): S.RECTIFYING,
    (S.PLANNED, "rectify"): S.SUBMITTED,
    (S.RECTIFYING, "rectify"): S.SUBMITTED,
    (S.RETURNED, "rectify"): S.SUBMITTED,
    (S.SUBMITTED, "verify"): S.CLOSED,
    (S.SUBMITTED, "send_back"): S.RETURNED,
    (S.CLOSED, "reopen"): S.REOPENED,
    (S.MERGED, "reopen"): S.REOPENED,
    **{(status, "merge"): S.MERGED for status in (S.RAISED, S.PLANNED, S.RECTIFYING, S.RETURNED, S.REOPENED)},
}
#: Moves that leave the state as it is, with the states in which they are made.
ASIDE = {
    "escalate": set(S) - {S.CLOSED, S.MERGED},
    "transfer": {S.RAISED, S.PLANNED, S.RECTIFYING, S.RETURNED, S.REOPENED},
}
#: While another unit has yet to answer, only these are made.
WHILE_TRANSFERRING = {"accept_transfer", "refuse_transfer", "escalate"}


def wanted_of(finding: Finding, move: str) -> S | None:
    """Where the tables say that a move leads; None where it is refused."""
    status = S(finding.status)
    if finding.transfer_to and move not in WHILE_TRANSFERRING:
        return None
    if move in {"accept_transfer", "refuse_transfer"}:
        return status if finding.transfer_to else None
    if move == "escalate" and finding.level == "county":
        return None
    return status if status in ASIDE.get(move, ()) else LEADS.get((status, move))


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
        level="village",
        rectified_by="rectifier",
        closed_on=DAY if status is S.CLOSED else None,
    )


@pytest.mark.parametrize(
    ("status", "transferring"),
    [(status, False) for status in S] + [(status, True) for status in S if status in ASIDE["transfer"]],
    ids=lambda value: "while being transferred" if value is True else str(value or "at rest"),
)
@pytest.mark.parametrize("move", MOVES)
def test_a_move_leads_where_the_table_says_or_is_refused(
    status: S,
    transferring: bool,  # noqa: FBT001 - of the table
    move: str,
) -> None:
    finding = finding_in(status)
    if transferring:
        finding.transfer_to, finding.transferred_by = "教育局", "proposer"
    before, wanted = finding.model_dump(), wanted_of(finding, move)
    if wanted is None:
        with pytest.raises(Refusal):
            MOVES[move](finding, "somebody")
        assert finding.model_dump() == before
    else:
        MOVES[move](finding, "somebody")
        assert finding.status == wanted


def test_whoever_offers_a_finding_to_another_unit_does_not_accept_it_there() -> None:
    finding = finding_in(S.PLANNED)
    finding.transfer(to="住建局", reason="职责在住建", by="a")
    with pytest.raises(errors.SamePersonTransfers):
        finding.accept_transfer(person="周凯", by="a")
    finding.accept_transfer(person="周凯", by="b")
    assert (finding.responsible_unit, finding.responsible_person) == ("住建局", "周凯")
    assert (finding.transfer_to, finding.transferred_by) == (None, None)
    with pytest.raises(errors.SameUnit):
        finding.transfer(to="住建局", reason="职责在住建", by="a")


@pytest.mark.parametrize(
    ("into", "refusal"),
    [
        ({"status": S.CLOSED, "closed_on": DAY}, errors.CannotMergeInto),
        ({"status": S.MERGED}, errors.CannotMergeInto),
        ({"item": "A1-03"}, errors.AnotherMatter),
        ({"object_name": "李四"}, errors.AnotherMatter),
        ({"household_id": uuid7()}, errors.AnotherMatter),
    ],
    ids=["a closed one", "a merged one", "another item", "another object", "a household's"],
)
def test_only_an_open_finding_about_the_same_matter_takes_a_duplicate(
    into: dict[str, object], refusal: type[Refusal]
) -> None:
    finding, other = finding_in(S.RAISED), finding_in(S.RAISED)
    for name, value in into.items():
        setattr(other, name, value)
    with pytest.raises(refusal):
        finding.merge(other, reason="重复")
    with pytest.raises(errors.CannotMergeInto):
        finding.merge(finding, reason="重复")


def marks_of(finding: Finding) -> set[date | None]:
    """What the deadlines' job has marked."""
    return {finding.due_soon_on, finding.overdue_on} - {None}


def test_a_new_deadline_and_a_new_life_clear_what_was_marked() -> None:
    finding = finding_in(S.PLANNED)
    finding.due_soon_on = finding.overdue_on = DAY
    MOVES["plan"](finding, "a")
    assert marks_of(finding) == set()
    finding.due_soon_on = finding.overdue_on = DAY
    MOVES["plan"](finding, "b")
    assert finding.overdue_on == DAY, "the deadline is the one that was missed"
    finding.status, finding.closed_on = S.CLOSED, DAY
    finding.reopen(reason="反弹")
    assert marks_of(finding) == set()


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
        self.status, self.rectifier, self.proposer = S.RAISED, "", ""
        self.counts = {"send_back": 0, "reopen": 0}

    @rule(move=st.sampled_from(list(MOVES)), who=st.sampled_from(["甲", "乙", "丙"]))
    def try_to(self, move: str, who: str) -> None:
        """Make any move: it does what the table says, or changes nothing."""
        wanted = wanted_of(self.finding, move)
        before = self.finding.model_dump()
        try:
            MOVES[move](self.finding, who)
        except errors.SamePerson:
            assert (self.status, move, who) == (S.SUBMITTED, "verify", self.rectifier)
            assert self.finding.model_dump() == before
        except errors.SamePersonTransfers:
            assert (move, who) == ("accept_transfer", self.proposer)
            assert self.finding.model_dump() == before
        except errors.SameUnit:
            assert (move, self.finding.responsible_unit) == ("transfer", "住建局")
        except Refusal:
            assert wanted is None
            assert self.finding.model_dump() == before
        else:
            assert wanted is not None
            self.status = wanted
            self.rectifier = who if move == "rectify" else self.rectifier
            self.proposer = who if move == "transfer" else self.proposer
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
        assert (self.finding.merged_into is not None) == (self.status is S.MERGED)
        assert (self.finding.transfer_to is None) == (self.finding.transferred_by is None)
        assert (self.finding.returned, self.finding.reopened) == (
            self.counts["send_back"],
            self.counts["reopen"],
        )


FindingLife.TestCase.settings = settings(max_examples=60, stateful_step_count=40)
test_random_moves_keep_to_the_table = FindingLife.TestCase
