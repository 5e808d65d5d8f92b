"""Random moves on monitored objects, legal and not, by different people, against a table that knows the law.

Only lawful moves succeed, each other one is refused by its name and changes nothing; the history gives the object as it
stands, every episode stays, and nobody eliminated or re-tagged alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, example, given, settings, strategies as st

from services.monitoring.clues.model import UNSETTLED
from services.monitoring.monitored.model import MonitoredObject
from services.monitoring.overdue.job import act_on_limits
from shared.contracts.household import HouseholdRegistered
from tests.clients import outbox_of
from tests.replaying import history_replays
from tests.services.monitoring.conftest import Scene, household, member, move as move_on, without
from tests.services.monitoring.journey import measure_done, monitored
from tests.services.monitoring.object_law import PEOPLE, Law
from tests.services.monitoring.object_moves import (
    BESIDE,
    BODIES,
    FURTHER,
    HAPPENINGS,
    MOVES,
    NEXT,
    REASON,
    SELDOM,
    Move,
    leading,
)

NEWS = {"a clue", "a verdict", "no risk"}
UNDER_WATCH = {"monitored", "elimination_proposed", "elimination_withheld"}


@dataclass
class ObjectLife:
    """One object, what may be done with it, and what was."""

    scene: Scene
    home: HouseholdRegistered
    thing: str
    shown: dict[str, Any]
    callers: dict[str, httpx.AsyncClient]
    law: Law
    made: Counter[str] = field(default_factory=Counter)
    episodes: int = 1
    #: The clue that its identification began with, and the day on which limits acted last.
    first: str = ""
    acted_on: date = date.min

    @property
    def today(self) -> date:
        """The day that it is."""
        return self.scene.service.clock.moment.date()

    async def make(self, move: Move) -> None:
        """Try a move: it succeeds where the law allows it, and else is refused by name and changes nothing."""
        name, who, risk, old = move
        if name == NEXT:
            name, who = leading(self.law, who, self.today)
        if name in HAPPENINGS:
            await self.happen(name, risk, who)
            return
        body = BODIES[name]
        clue_id = self.law.unsettled.get(risk) or self.law.verified.get(risk, (None,))[0]
        if name in {"risks", "retagging"}:
            body = body | {"risk_type": risk, "clue_id": clue_id}
        elif name == "risks/return":
            body = body | {"clue_id": clue_id or self.first}
        refusal, version = self.law.refusal(name, who, risk, self.today), self.shown["version"]
        if not old:
            version, refusal = version + 1, refusal if refusal == "forbidden" else "stale"
        answer = await self.callers[who].post(
            f"{self.thing}/{name}", json=body, headers={"If-Match": f'"{version}"'}
        )
        codes = [each["code"] for each in answer.json().get("errors", ())] + [answer.json().get("code")]
        code = "nobody_can_work" if "nobody_can_work" in codes else codes[-1] if answer.is_error else None
        assert code == refusal, (move, self.law, answer.text)
        if refusal:
            self.made[refusal] += 1
            assert await self.found() == self.shown
        else:
            self.made[name] += 1
            self.law.take(name, who, risk, self.today)
            self.episodes += name in {"risks", "retagging/confirmation"}
            self.shown = answer.json()
        await self.agree()

    async def happen(self, name: str, risk: str, who: str) -> None:
        """Let something happen that is no move on the object."""
        status = self.law.status
        if name in NEWS:
            if not await self.hear(name, risk, who):
                return
        elif name == "half a year":
            self.scene.service.clock.moment += timedelta(days=190)
        elif name == "a death" and self.law.able and status in UNDER_WATCH:
            # Later on it would be news that makes a candidate.
            await self.scene.service.tell(without(self.home, self.home.members[0].id))
            self.law.able = False
        elif name == "limits":
            await act_on_limits(self.scene.service.database)
            assert await act_on_limits(self.scene.service.database) == 0, "each mark once"
            self.acted_on = self.today
        elif name == "help" and status in {"monitored", "elimination_withheld"}:
            helped = next(iter(self.law.risks))
            await measure_done(self.scene, self.thing, risk_type=helped)
            self.law.helped[helped] = self.today
        elif name == "again" and status == "closed":
            assert await monitored(self.scene, self.home.id) == self.thing
            self.law.unsettled.pop("illness", None)
            self.law.status, self.law.risks = "monitored", {"illness": self.today}
            self.episodes += 1
        else:
            return
        self.made[name] += 1
        self.shown = await self.found()
        await self.agree()

    async def hear(self, name: str, risk: str, who: str) -> bool:
        """Let something be told, and be found to be so or not; False where nobody has told anything."""
        status = self.law.status
        if name == "a clue":
            receipt = await self.scene.clue(self.home.id, risk_type=risk)
            if await self.is_unsettled(receipt["clue_id"]):
                self.law.unsettled[risk] = receipt["clue_id"]
            self.law.status = "retag_candidate" if status == "eliminated" else status
        elif name == "a verdict" and risk in self.law.unsettled and status != "closed":
            address = f"/clues/{self.law.unsettled[risk]}/acceptance"
            await move_on(self.callers[who], address, {"verdict": "属实"}, expect=201)
            self.law.accept(risk, who, self.today)
        elif name == "no risk" and self.law.unsettled:
            risk, clue = next(iter(self.law.unsettled.items()))
            await move_on(self.scene.village, f"/clues/{clue}/dismissal", REASON)
            await move_on(self.scene.county, f"/clues/{clue}/dismissal/confirmation")
            self.law.take_dismissal(risk)
        else:
            return False
        return True

    async def is_unsettled(self, clue_id: str | None) -> bool:
        """Tell whether what was told waits for a verdict: not where it is watched already, or under decision."""
        if clue_id is None:
            return False
        clue = (await self.callers["county-1"].get(f"/clues/{clue_id}")).json()
        return clue["status"] in UNSETTLED

    async def found(self) -> dict[str, Any]:
        """The object as the county sees it."""
        shown: dict[str, Any] = (await self.callers["county-1"].get(self.thing)).json()
        return shown

    async def agree(self) -> None:
        """See that the object is what the law says."""
        law, shown = self.law, self.shown
        assert (shown["status"], shown["retagged"]) == (law.status, law.retagged)
        still = {
            each["risk_type"]: each["tagged_on"] for each in shown["episodes"] if not each["eliminated_on"]
        }
        assert still == {risk: str(on) for risk, on in law.risks.items()}
        assert set(shown["open_risks"]) == set(law.risks)
        assert bool(law.risks) == (law.status in UNDER_WATCH)
        assert len(shown["episodes"]) == self.episodes
        address = f"/clues?awaits_adding=true&household_id={self.home.id}"
        waiting = (await self.callers["county-1"].get(address)).json()["items"]
        assert {each["risk_type"] for each in waiting} == (set(law.verified) if law.risks else set())
        assert all(each["overdue_on"] for each in waiting if each["overdue"] and self.acted_on == self.today)

    async def holds(self) -> None:
        """See that history and events tell the same, and that four eyes saw what was decided."""
        await history_replays(self.scene.service, MonitoredObject, self.shown)
        told = [
            each["sequence"]
            for each in await outbox_of(self.scene.service)
            if each["subject"] == self.shown["id"]
        ]
        assert told == list(range(1, self.shown["version"] + 1))
        for each in self.shown["eliminations"]:
            if each["stage"] == "approved":
                by = [each[f"{part}_by_name"] for part in ("proposed", "reviewed", "decided")]
                assert len({*by}) == 3
                assert each["deliberated_by_name"] not in by[1:]
        for each in self.shown["retaggings"]:
            if each["stage"] == "approved":
                assert each["verified_by_name"] != each["decided_by_name"]
        for each in self.shown["closures"]:
            assert each["proposed_by_name"] != each["decided_by_name"]
        waiting = [each for each in self.shown["closures"] if each["stage"] == "proposed"]
        assert len(waiting) == bool(self.law.closer)
        undecided = {"proposed", "deliberated", "reviewed"}
        pending = [each for each in self.shown["eliminations"] if each["stage"] in undecided]
        assert len(pending) == (self.law.status == "elimination_proposed")
        assert sum(each["retagged"] for each in self.shown["episodes"]) == self.law.retagged


async def played(scene: Scene, moves: list[Move], *, able: bool) -> ObjectLife:
    """Play random moves on a new object."""
    scene.go_to(2021, 6, 10)
    # Anew each time: who somebody is, is not believed for long.
    callers = {who: await scene.service.caller(*at, subject=who) for who, at in PEOPLE.items()}
    scene = replace(
        scene,
        village=callers["village-1"],
        town=callers["town-1"],
        county=callers["county-1"],
        convener=callers["county-2"],
    )
    old = (member("李大爷", "1945-01-01", labour="none"), member("孙", "2015-01-01"))
    home = await scene.known(household() if able else household(members=old))
    thing = await monitored(scene, home.id)
    shown = (await scene.county.get(thing)).json()
    life = ObjectLife(scene, home, thing, shown, callers, Law(able))
    life.law.risks["illness"] = life.today
    life.first = (await scene.county.get(f"/clues?household_id={home.id}")).json()["items"][0]["id"]
    for each in moves:
        await life.make(each)
    await life.holds()
    return life


_QUIET = (HealthCheck.function_scoped_fixture, HealthCheck.too_slow)
REFUSED = {
    "forbidden",
    "stale",
    "object_closed",
    "not_monitored",
    "too_many_risks",
    "risk_open_already",
    "not_stable_yet",
    "no_elimination",
    "not_deliberated",
    "not_reviewed",
    "same_person",
    "clues_unsettled",
    "risk_verified",
    "nobody_can_work",
    "no_further_risk",
    "not_eliminated",
    "retagging_pending",
    "no_retagging",
    "closure_pending",
    "no_closure",
}


@settings(max_examples=8, suppress_health_check=_QUIET)
@example(moves=BESIDE, able=True)
@example(moves=SELDOM, able=True)
@example(moves=FURTHER, able=True)
@given(moves=MOVES, able=st.booleans())
async def test_only_lawful_moves_succeed_and_the_thread_keeps_every_episode(
    scene: Scene, moves: list[Move], *, able: bool
) -> None:
    await played(scene, moves, able=able)


@pytest.fixture
def made() -> Iterator[Counter[str]]:
    """Moves over all examples; at the end every move was made, and every refusal met."""
    moves: Counter[str] = Counter()
    yield moves
    print(f"\n{moves.total()} moves, made and refused: {dict(moves.most_common())}")  # noqa: T201 - the proof's figure
    assert moves.keys() == BODIES.keys() | {*HAPPENINGS} | REFUSED
    assert moves.total() > 3000


@pytest.mark.slow
@pytest.mark.timeout(1800)
@settings(max_examples=200, suppress_health_check=_QUIET, database=None)
@example(moves=BESIDE, able=True)
@example(moves=SELDOM, able=True)
@example(moves=FURTHER, able=True)
@given(moves=MOVES, able=st.sampled_from([True, True, False]))
async def test_thousands_of_moves_meet_every_refusal_and_none_gets_past_the_law(
    scene: Scene, made: Counter[str], moves: list[Move], *, able: bool
) -> None:
    made.update((await played(scene, moves, able=able)).made)
