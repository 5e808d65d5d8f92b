"""The life of a class: every move of every person from every stage, then thousands of random ones."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from hypothesis import settings, strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from services.monitoring.classes import errors
from services.monitoring.classes.model import Officer, Suggestion, SupportClass
from services.monitoring.classes.rules import class_set, class_sets, set_of
from services.monitoring.classes.stages import ClassStage as S
from services.monitoring.monitored.errors import SamePerson
from shared.domain.codes import code_lists
from shared.keys import uuid7
from shared.refusal import Refusal

pytestmark = pytest.mark.check

DAY = date(2021, 6, 14)
VILLAGE, TOWN, COUNTY = (Officer(name, name) for name in ("village", "town", "county"))
#: One village officer proposes in the table; anybody may try anything.
PEOPLE = (VILLAGE, TOWN, COUNTY)
CLASSES = ("guided", "developed", "consolidated")


def suggestion(support_class: str = "developed") -> Suggestion:
    return Suggestion(uuid7(), "340621100201", support_class, ["income_unsteady"], "2021", {"facts": []})


def proposed(given: str = "developed") -> SupportClass:
    why = None if given == "developed" else "户主已稳定就业"
    return SupportClass.of(suggestion(), year=2021, given=given, why=why, by=VILLAGE, on=DAY)


Move = Callable[[SupportClass, Officer], None]
MOVES: dict[str, Move] = {
    "propose": lambda row, by: row.propose(suggestion(), given="developed", why=None, by=by, on=DAY),
    "check": lambda row, by: row.check(by=by, on=DAY),
    "decide": lambda row, by: row.decide(by=by, on=DAY),
    "give_back": lambda row, by: row.give_back(reason="收入依据不足", by=by, on=DAY),
}
#: A way into each stage, taken by the people whose part it is. Leaving is done in sets: ``classes.leaving``.
WAYS: dict[S, tuple[tuple[str, Officer], ...]] = {
    S.PROPOSED: (),
    S.CHECKED: (("check", TOWN),),
    S.DECIDED: (("check", TOWN), ("decide", COUNTY)),
    S.RETURNED: (("give_back", TOWN),),
    S.LEFT: (),
}
LEADS: dict[tuple[S, str], S | type[Refusal]] = {
    **{(stage, "propose"): S.PROPOSED for stage in S},
    (S.CHECKED, "propose"): errors.ClassChecked,
    **{(stage, "check"): errors.ClassNotProposed for stage in S},
    (S.PROPOSED, "check"): S.CHECKED,
    **{(stage, "decide"): errors.ClassNotChecked for stage in S},
    (S.CHECKED, "decide"): S.DECIDED,
    **{(stage, "give_back"): errors.NoClassPending for stage in S},
    (S.PROPOSED, "give_back"): S.RETURNED,
    (S.CHECKED, "give_back"): S.RETURNED,
}
#: Who may not do what is their turn otherwise: whoever had a part in it.
RECUSED = {("check", VILLAGE), ("decide", VILLAGE), ("decide", TOWN)}


def at(stage: S) -> SupportClass:
    row = proposed()
    for move, by in WAYS[stage]:
        MOVES[move](row, by)
    if stage is S.LEFT:
        row.stage, row.left_on, row.departure = S.LEFT, DAY, "monitored"
    return row


@pytest.mark.parametrize("stage", S)
@pytest.mark.parametrize("move", MOVES)
@pytest.mark.parametrize("by", PEOPLE, ids=lambda by: by.name)
def test_a_move_leads_where_the_table_says_or_has_its_named_refusal(stage: S, move: str, by: Officer) -> None:
    row, wanted = at(stage), LEADS[stage, move]
    if isinstance(wanted, S) and (move, by) in RECUSED:
        wanted = SamePerson
    if isinstance(wanted, S):
        MOVES[move](row, by)
        assert row.stage == wanted
    else:
        before = row.model_dump()
        with pytest.raises(wanted):
            MOVES[move](row, by)
        assert row.model_dump() == before


def test_another_class_than_the_suggested_one_needs_its_reason() -> None:
    with pytest.raises(errors.WhyAnother):
        SupportClass.of(suggestion(), year=2021, given="guided", why=None, by=VILLAGE, on=DAY)
    row = at(S.RETURNED)
    with pytest.raises(errors.WhyAnother):
        row.propose(suggestion(), given="guided", why="", by=VILLAGE, on=DAY)
    assert row.stage == S.RETURNED


def test_what_was_decided_holds_until_something_else_is() -> None:
    row = at(S.DECIDED)
    row.propose(suggestion("consolidated"), given="consolidated", why=None, by=VILLAGE, on=DAY)
    assert (row.decided_class, row.proposed_class, row.previous_class) == ("developed", "consolidated", None)
    assert (row.checked_by, row.checked_on) == (None, None)
    row.check(by=TOWN, on=DAY)
    row.give_back(reason="再核实", by=COUNTY, on=DAY)
    assert row.decided_class == "developed"
    row.propose(suggestion("consolidated"), given="consolidated", why=None, by=VILLAGE, on=DAY)
    row.check(by=TOWN, on=DAY)
    row.decide(by=COUNTY, on=DAY)
    assert (row.decided_class, row.previous_class) == ("consolidated", "developed")


class ClassLife(RuleBasedStateMachine):
    """Random moves of random people: a class is decided by three of them, or not at all."""

    def __init__(self) -> None:
        super().__init__()
        self.row = proposed()
        self.proposer, self.checker = VILLAGE, TOWN
        self.decided: list[str] = []

    @rule(move=st.sampled_from(list(MOVES)), by=st.sampled_from(PEOPLE), given=st.sampled_from(CLASSES))
    def try_to(self, move: str, by: Officer, given: str) -> None:
        """Make any move: what the table says, with the refusal that it names."""
        stage, before = S(self.row.stage), self.row.model_dump()
        wanted = LEADS[stage, move]
        own = {"check": {self.proposer}, "decide": {self.proposer, self.checker}}.get(move, set())
        if isinstance(wanted, S) and by in own:
            wanted = SamePerson
        if isinstance(wanted, S):
            self._act(move, by, given)
            assert self.row.stage == wanted
            self._remember(move, by)
            return
        with pytest.raises(wanted):
            self._act(move, by, given)
        assert self.row.model_dump() == before

    def _act(self, move: str, by: Officer, given: str) -> None:
        if move == "propose":
            self.row.propose(suggestion(given), given=given, why=None, by=by, on=DAY)
        else:
            MOVES[move](self.row, by)

    def _remember(self, move: str, by: Officer) -> None:
        if move == "propose":
            self.proposer = by
        elif move == "check":
            self.checker = by
        elif move == "decide":
            assert len({self.proposer, self.checker, by}) == 3
            self.decided.append(self.row.proposed_class)

    @invariant()
    def the_newest_decision_holds(self) -> None:
        """Nothing but a decision changes the class in force, and the one before is the last other one."""
        assert self.row.decided_class == (self.decided[-1] if self.decided else None)
        others = [each for each in self.decided if each != self.row.decided_class]
        assert self.row.previous_class == (others[-1] if others else None)


ClassLife.TestCase.settings = settings(max_examples=60, stateful_step_count=40)
test_random_moves_keep_to_the_table = ClassLife.TestCase


def test_every_set_of_rules_speaks_of_all_classes_and_says_who_says_so() -> None:
    known = {code.code for code in code_lists()["support_class"].codes}
    for each in class_sets():
        named = {rule.support_class for rule in each.classes} | {each.otherwise.support_class}
        assert named == set(each.support) == known
        ids = [condition.id for rule in each.classes for condition in rule.conditions]
        assert len(ids) == len(set(ids))
        assert all(
            bool(one.facts) != bool(one.income_below) for rule in each.classes for one in rule.conditions
        )
        assert each.source
        assert set_of(each.version) == each
    assert class_set("340621100201", DAY).version == "2021"
