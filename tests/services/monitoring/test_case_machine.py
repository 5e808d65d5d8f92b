"""Random moves on identification cases, legal and not, by different people, against a table that knows the law.

Only lawful moves succeed, each other one is refused by its name and changes nothing; the file and the history give the
case as it stands, and nobody decided alone or for their kin.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, example, given, settings

from services.monitoring.cases.model import IdentificationCase
from services.monitoring.cases.steps import Step
from services.monitoring.clues.model import UNSETTLED
from shared.contracts.household import HouseholdRegistered
from tests.clients import outbox_of
from tests.replaying import history_replays
from tests.services.monitoring.case_law import ORDER, PEOPLE, Law
from tests.services.monitoring.case_moves import (
    AFTER_THE_END,
    FORMS,
    HAPPENINGS,
    MEANWHILE,
    MOVE_OF,
    MOVES,
    NEXT,
    SELDOM,
    TOLD,
    TOO_RICH,
    WITHDRAWN,
    Move,
)
from tests.services.monitoring.conftest import Scene, household, move as move_on, without
from tests.services.monitoring.journey import open_case


@dataclass
class CaseLife:
    """One case, what may be done with it, and what was."""

    scene: Scene
    home: HouseholdRegistered
    case: str
    shown: dict[str, Any]
    callers: dict[str, httpx.AsyncClient]
    law: Law = field(default_factory=Law)
    made: Counter[str] = field(default_factory=Counter)
    lines: list[str] = field(default_factory=list)

    async def make(self, move: Move) -> None:
        """Try a move: it succeeds where the law allows it, and else is refused by name and changes nothing."""
        name, who, variant, old = move
        if name == NEXT:
            name = ORDER[min(self.law.done, len(ORDER) - 1)]
            who = self._somebody(name, who)
        if name in HAPPENINGS:
            await self.happen(name)
            return
        form = FORMS[name][variant if variant < len(FORMS[name]) else 0]
        refusal = self.law.refusal(name, who, form)
        version, is_stale = self.shown["version"], not old and self.shown["version"] > 1
        if is_stale:
            version, refusal = version - 1, refusal if refusal == "forbidden" else "stale"
        answer = await self.callers[who].post(
            f"{self.case}/{name}", json=self._filled(name, form), headers={"If-Match": f'"{version}"'}
        )
        assert (_code_of(answer) if answer.is_error else None) == refusal, (move, form, answer.text)
        if refusal:
            self.made[refusal] += 1
            found = (await self.callers["county-1"].get(self.case)).json()
            # Time goes on while a publicity is refused.
            assert found | {"overdue": None} == self.shown | {"overdue": None}
        else:
            self.made[name] += 1
            self.law.take(name, who, form)
            self.lines.append(name)
            self.shown = answer.json()
        self._agree()

    async def happen(self, name: str) -> None:
        """Let something happen that is no move on the case, while the county has not decided."""
        if self.law.status != "open" or self.law.approved:
            return
        self.made[name] += 1
        if name == "told":
            # News are told after what is done, were it a minute.
            self.scene.service.clock.moment += timedelta(minutes=1)
            facts = f"第{self.made[name]}次反映学费困难"
            receipt = await self.scene.clue(self.home.id, risk_type=TOLD["risk_type"], facts=facts)
            clue = f"/clues/{receipt['clue_id']}"
            if (await self.scene.village.get(clue)).json()["status"] in UNSETTLED:
                await move_on(self.scene.village, f"{clue}/acceptance", {"verdict": "属实"}, expect=201)
            self.law.told.add(TOLD["risk_type"])
        else:
            self.law.gone = {"head leaves": "head", "all leave": "all"}.get(name, "")
            there = {"head": self.home.members[:1], "all": self.home.members}.get(self.law.gone, ())
            self.home = self.home.model_copy(update={"version": self.home.version + 1})
            await self.scene.service.tell(without(self.home, *(each.id for each in there)))
        found = (await self.callers["county-1"].get(self.case)).json()
        assert found | {"overdue": None} == self.shown | {"overdue": None}

    def _somebody(self, name: str, who: str) -> str:
        """Return who can mostly do it."""
        if name == "data-check":
            return "county-1"
        if name == "town-review":
            return {"village-1": "town-1", "county-3": "town-2"}.get(who, who)
        if name == "joint-check":
            # Mostly another one than who approves.
            return f"county-{4 - int(who[-1])}"
        return f"county-{who[-1]}" if name == "county-approval" else who

    def _filled(self, name: str, form: dict[str, Any]) -> dict[str, Any]:
        today = self.scene.service.clock.moment
        if name == "announcement":
            return form | {"entered_on": str(today.date())}
        if name == "household-check":
            head = str(self.home.members[0].id)
            return form | {
                "risks": [
                    each | ({"member_id": head} if "member_id" in each else {}) for each in form["risks"]
                ]
            }
        if name == "publicity":
            days = form.get("days", 5)
            self.scene.service.clock.moment += timedelta(days=days - 1)
            until = self.scene.service.clock.moment
            return {name: value for name, value in form.items() if name != "days"} | {
                "from_on": str(today.date()),
                "until_on": str(until.date()),
            }
        return form

    def _agree(self) -> None:
        law, shown = self.law, self.shown
        assert (shown["status"], bool(shown["monitored_id"])) == (law.status, law.approved)
        assert shown["awaits_second_approval"] == (
            law.status == "open" and bool(law.first_approver) and not law.approved
        )
        assert bool(shown["withdrawal"]) == (bool(law.withdrawer) or law.status == "withdrawn")
        if law.status == "open":
            assert shown["step"] == ORDER[law.done].replace("-", "_")

    @staticmethod
    def _move_of(entry: str) -> str:
        return MOVE_OF.get(entry, entry.replace("_", "-"))

    async def holds(self) -> None:
        """See that the file, the history and the events tell the same, and that four eyes saw what was decided."""
        names = [self._move_of(line["entry"]) for line in self.shown["timeline"]]
        assert names == self.lines
        replayed = Law()
        for line in self.shown["timeline"]:
            name, form = self._move_of(line["entry"]), line["content"]
            assert replayed.refusal(name, line["by_name"], form) is None, (line, names)
            replayed.take(name, line["by_name"], form)
        assert replayed == self.law
        await history_replays(self.scene.service, IdentificationCase, self.shown)
        told = [
            each
            for each in await outbox_of(self.scene.service)
            if each["subject"] == self.shown["id"] and each["type"].startswith("monitoring.case_")
        ]
        assert [each["sequence"] for each in told] == list(range(1, self.shown["version"] + 1))
        if self.law.approved:
            self._four_eyes_hold()
        if self.law.status == "withdrawn":
            wish, agreed = self.shown["timeline"][-2:]
            assert (wish["entry"], agreed["entry"]) == ("withdrawal_proposed", "withdrawal")
            assert wish["content"]["signed_by"]
            assert wish["by_name"] != agreed["by_name"]

    def _four_eyes_hold(self) -> None:
        """By what the file says, and nothing else."""
        last = {line["entry"]: line for line in self.shown["timeline"]}
        assert set(last) >= set(Step) - {Step.ANNOUNCEMENT}
        check, review, joint = last["household_check"], last["town_review"], last["joint_check"]
        approvals = [
            line["by_name"]
            for line in self.shown["timeline"][self.shown["timeline"].index(review) :]
            if line["entry"] == "county_approval"
        ]
        kin = {each["name"] for each in check["content"]["relatives"]}
        involved = kin or any(each["kin"] for each in last["deliberation"]["content"]["participants"])
        deciders = [review["by_name"], joint["by_name"], *approvals]
        assert len(approvals) == (2 if involved else 1)
        assert len(set(deciders)) == len(deciders)
        assert not {check["by_name"], *check["content"]["officers"], *kin} & set(deciders)
        assert last["deliberation"]["by_name"] not in {joint["by_name"], *approvals}
        speakers = {each["by"] for each in joint["content"]["opinions"]}
        assert not speakers & {*approvals, *check["content"]["officers"], check["by_name"], *kin}


def _code_of(answer: httpx.Response) -> str:
    """Return how a move was refused: by the fault itself where a form does not hold."""
    refused = answer.json()
    return str(refused["errors"][0]["code"] if refused["code"] == "invalid" else refused["code"])


async def played(scene: Scene, moves: list[Move]) -> Counter[str]:
    """Play random moves on a new case, and on another one some moves after it has ended; return what was made."""
    scene.go_to(2021, 6, 10)
    # Anew each time: who somebody is, is not believed for long.
    callers = {who: await scene.service.caller(*at, subject=who) for who, at in PEOPLE.items()}
    scene = replace(scene, village=callers["village-1"], town=callers["town-1"], county=callers["county-1"])
    made: Counter[str] = Counter()
    life, left = await begun(scene, callers), AFTER_THE_END
    for each in moves:
        await life.make(each)
        left -= life.law.status != "open"
        if not left:
            await life.holds()
            made += life.made
            life, left = await begun(scene, callers), AFTER_THE_END
    await life.holds()
    return made + life.made


async def begun(scene: Scene, callers: dict[str, httpx.AsyncClient]) -> CaseLife:
    """Return the case of a household that is new here."""
    home = await scene.known(household())
    case = await open_case(scene, home.id)
    return CaseLife(scene, home, case, (await scene.county.get(case)).json(), callers)


_QUIET = (HealthCheck.function_scoped_fixture, HealthCheck.too_slow)
REFUSED = {
    "forbidden",
    "stale",
    "case_not_open",
    "not_at_this_step",
    "not_an_earlier_step",
    "approved_already",
    "same_person",
    "kin_decides",
    "criteria_not_met",
    "publicity_too_short",
    "objection_unanswered",
    "department_not_heard",
    "opinion_unanswered",
    "votes_do_not_add_up",
    "not_of_household",
    "person_gone",
    "risk_unchecked",
    "withdrawal_pending",
    "no_withdrawal",
    "same_person_withdraws",
}


@settings(max_examples=8, suppress_health_check=_QUIET)
@example(moves=WITHDRAWN)
@example(moves=MEANWHILE)
@given(moves=MOVES)
async def test_only_lawful_moves_succeed_and_the_file_tells_how_it_came(
    scene: Scene, moves: list[Move]
) -> None:
    await played(scene, moves)


@pytest.fixture
def made() -> Iterator[Counter[str]]:
    """Moves over all examples; at the end every move was made, and every refusal met."""
    moves: Counter[str] = Counter()
    yield moves
    print(f"\n{moves.total()} moves, made and refused: {dict(moves.most_common())}")  # noqa: T201 - the proof's figure
    assert moves.keys() == FORMS.keys() | {*HAPPENINGS} | REFUSED
    assert moves.total() > 3000


@pytest.mark.slow
@pytest.mark.timeout(1800)
@settings(max_examples=200, suppress_health_check=_QUIET, database=None)
@example(moves=SELDOM)
@example(moves=WITHDRAWN)
@example(moves=MEANWHILE)
@example(moves=TOO_RICH)
@given(moves=MOVES)
async def test_thousands_of_moves_meet_every_refusal_and_none_gets_past_the_law(
    scene: Scene, made: Counter[str], moves: list[Move]
) -> None:
    made.update(await played(scene, moves))
