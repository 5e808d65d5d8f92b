"""The life of a monitored object: every move from every state, then thousands of random ones."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from hypothesis import settings, strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from services.monitoring.monitored import errors
from services.monitoring.monitored.episodes import Risk, RiskEpisode
from services.monitoring.monitored.model import MonitoredObject
from services.monitoring.monitored.states import UNDER_WATCH, MonitoredStatus as S
from shared.keys import uuid7
from shared.refusal import Refusal

pytestmark = pytest.mark.check

DAY = date(2021, 6, 14)
RISKS = ("illness", "schooling", "water", "housing", "disability", "accident")


def risk(risk_type: str) -> Risk:
    return Risk(risk_type=risk_type, cause="原因", origin="case:1")


class Life:
    """An object with its episodes, as a command holds them."""

    def __init__(self) -> None:
        self.thing, self.episodes = MonitoredObject.tagged(
            uuid7(), "340621100201", [risk("illness")], category="marginal", on=DAY
        )

    @property
    def open_types(self) -> list[str]:
        return [each.risk_type for each in self.episodes if each.is_open]

    def add_risk(self, risk_type: str) -> None:
        self.episodes.append(self.thing.add_risk(risk(risk_type), on=DAY))

    def retag(self, risk_type: str) -> None:
        self.episodes.append(self.thing.retag(risk(risk_type), on=DAY))

    def tag_again(self, risk_type: str) -> None:
        self.episodes += self.thing.tag_again([risk(risk_type)], category="unstable_lifted", on=DAY)


MOVES: dict[str, Callable[[Life, str], None]] = {
    "add_risk": Life.add_risk,
    "propose": lambda life, _: life.thing.propose_elimination(on=DAY),
    "withhold": lambda life, _: life.thing.withhold_elimination(on=DAY),
    "stay": lambda life, _: life.thing.stay_monitored(reason="收入不稳", on=DAY),
    "eliminate": lambda life, _: life.thing.eliminate(life.episodes, how="by_help", on=DAY),
    "become_candidate": lambda life, _: life.thing.become_candidate(on=DAY),
    "stand_down": lambda life, _: life.thing.stand_down(reason="误报"),
    "retag": Life.retag,
    "close": lambda life, _: life.thing.close(life.episodes, kind="moved_away", reason="迁出", on=DAY),
    "tag_again": Life.tag_again,
}
#: All that is allowed: where a move leads from a state. What is not here is refused.
LEADS = {
    (S.MONITORED, "add_risk"): S.MONITORED,
    (S.ELIMINATION_WITHHELD, "add_risk"): S.ELIMINATION_WITHHELD,
    (S.MONITORED, "propose"): S.ELIMINATION_PROPOSED,
    (S.ELIMINATION_WITHHELD, "propose"): S.ELIMINATION_PROPOSED,
    (S.MONITORED, "withhold"): S.ELIMINATION_WITHHELD,
    (S.ELIMINATION_WITHHELD, "withhold"): S.ELIMINATION_WITHHELD,
    (S.ELIMINATION_PROPOSED, "stay"): S.MONITORED,
    (S.ELIMINATION_PROPOSED, "eliminate"): S.ELIMINATED,
    (S.ELIMINATED, "become_candidate"): S.RETAG_CANDIDATE,
    (S.RETAG_CANDIDATE, "become_candidate"): S.RETAG_CANDIDATE,
    (S.RETAG_CANDIDATE, "stand_down"): S.ELIMINATED,
    (S.RETAG_CANDIDATE, "retag"): S.MONITORED,
    (S.CLOSED, "tag_again"): S.MONITORED,
} | {(status, "close"): S.CLOSED for status in S if status is not S.CLOSED}
#: A way into each state.
WAYS: dict[S, tuple[str, ...]] = {
    S.MONITORED: (),
    S.ELIMINATION_PROPOSED: ("propose",),
    S.ELIMINATION_WITHHELD: ("withhold",),
    S.ELIMINATED: ("propose", "eliminate"),
    S.RETAG_CANDIDATE: ("propose", "eliminate", "become_candidate"),
    S.CLOSED: ("close",),
}


@pytest.mark.parametrize("status", S)
@pytest.mark.parametrize("move", MOVES)
def test_a_move_leads_where_the_table_says_or_is_refused(status: S, move: str) -> None:
    life = Life()
    for way in WAYS[status]:
        MOVES[way](life, "water")
    wanted = LEADS.get((status, move))
    if wanted is None:
        before = life.thing.model_dump()
        with pytest.raises(Refusal):
            MOVES[move](life, "water")
        assert life.thing.model_dump() == before
    else:
        MOVES[move](life, "water")
        assert life.thing.status == wanted


class ObjectLife(RuleBasedStateMachine):
    """Random moves against the table above."""

    def __init__(self) -> None:
        super().__init__()
        self.life = Life()
        self.status: S = S.MONITORED
        self.ended: list[RiskEpisode] = []
        self.retagged = 0

    @rule(move=st.sampled_from(list(MOVES)), risk_type=st.sampled_from(RISKS))
    def try_to(self, move: str, risk_type: str) -> None:
        """Make any move: it does what the table says, or changes nothing."""
        wanted = LEADS.get((self.status, move))
        before, count = self.life.thing.model_dump(), len(self.life.episodes)
        try:
            MOVES[move](self.life, risk_type)
        except (errors.RiskOpenAlready, errors.TooManyRisks):
            assert move == "add_risk"
            assert risk_type in self.life.open_types or len(self.life.open_types) == errors.MOST_RISKS
            assert (self.life.thing.model_dump(), len(self.life.episodes)) == (before, count)
        except Refusal:
            assert wanted is None
            assert (self.life.thing.model_dump(), len(self.life.episodes)) == (before, count)
        else:
            assert wanted is not None
            self.status = wanted
            self.retagged += move == "retag"

    @invariant()
    def open_while_under_watch(self) -> None:
        """A risk is open exactly while the object is under watch."""
        assert self.life.thing.status == self.status
        assert self.life.thing.open_risks == self.life.open_types
        assert bool(self.life.open_types) == (self.status in UNDER_WATCH)
        dated = self.life.thing.eliminated_on is not None
        assert dated == (self.status in {S.ELIMINATED, S.RETAG_CANDIDATE})

    @invariant()
    def one_thread(self) -> None:
        """Episodes are only ever added, and every re-tagging is one of them."""
        assert {episode.monitored_id for episode in self.life.episodes} == {self.life.thing.id}
        assert sum(episode.retagged for episode in self.life.episodes) == self.retagged
        assert self.life.thing.retagged == self.retagged
        ended = [episode for episode in self.life.episodes if not episode.is_open]
        assert [each.id for each in self.ended] == [each.id for each in ended][: len(self.ended)]
        self.ended = ended


ObjectLife.TestCase.settings = settings(max_examples=60, stateful_step_count=40)
test_random_moves_keep_to_the_table = ObjectLife.TestCase
