"""Thousands of random moves on the ledger, legal and not, by several people, against a table that knows the law.

Only legal moves succeed, history replays to the state, and progress equals a recount of every row.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st
from sqlalchemy import text

from services.inspection.findings.model import Finding
from services.inspection.tallies.job import fold
from shared.contracts.household import HouseholdChanged, HouseholdRegistered, HouseholdRehomed
from shared.identity.principal import system
from tests.replaying import history_replays
from tests.services.inspection.conftest import NEXT_VILLAGE, VILLAGE, Scene, failed, household
from tests.services.inspection.test_findings import DONE, PLAN, move

REASON = {"reason": "经核实"}
OFFER = {"unit": "县住建局", "reason": "属住房安全职责"}
UNSUBMITTED = {"raised", "planned", "rectifying", "returned", "reopened"}
#: Path and body of each move, and the states in which it is made; what else it asks for stands in ``lawful``.
MOVES: dict[str, tuple[dict[str, Any], set[str]]] = {
    "plan": (PLAN, UNSUBMITTED),
    "start": ({}, {"planned", "returned"}),
    "rectification": (DONE, {"planned", "rectifying", "returned"}),
    "verification": ({}, {"submitted"}),
    "return": (REASON, {"submitted"}),
    "reopening": (REASON, {"closed", "merged"}),
    "escalation": (REASON, UNSUBMITTED | {"submitted"}),
    "transfer": (OFFER, UNSUBMITTED),
    "transfer/acceptance": ({"responsible_person": "周凯"}, UNSUBMITTED),
    "transfer/refusal": (REASON, UNSUBMITTED),
    "merger": (REASON, UNSUBMITTED),
}
#: What only those may who verify.
OF_VERIFIERS = {"verification", "return", "reopening", "merger"}
#: Where a move leads; the others leave the state as it is.
LEADS = {
    "plan": "planned",
    "start": "rectifying",
    "rectification": "submitted",
    "verification": "closed",
    "return": "returned",
    "reopening": "reopened",
    "merger": "merged",
}
Step = tuple[str, int, int, int]
#: Moves that lead on are tried more often than the others, so that findings live through all their states.
STEPS = st.lists(
    st.tuples(
        st.sampled_from([*MOVES, "plan", "rectification", "verification", "rehoming"]),
        st.integers(0, 2),
        st.integers(0, 3),
        st.integers(0, 3),
    ),
    min_size=20,
    max_size=60,
)


@dataclass
class Ledger:
    """Four findings of one household, what was done to them, and by whom."""

    scene: Scene
    home: HouseholdRegistered
    findings: list[dict[str, Any]]
    rectifier: dict[str, str] = field(default_factory=dict)
    proposer: dict[str, str] = field(default_factory=dict)
    made: Counter[str] = field(default_factory=Counter)

    def lawful(self, name: str, who: str, finding: dict[str, Any], other: dict[str, Any]) -> bool:
        """Tell whether the law of the ledger allows a move."""
        pending = finding["transfer_to"] is not None
        return (
            finding["status"] in MOVES[name][1]
            and (who != "village-1" or name not in OF_VERIFIERS)
            and (pending == (name in {"transfer/acceptance", "transfer/refusal"}) or name == "escalation")
            and (name != "verification" or self.rectifier[finding["id"]] != who)
            and (name != "transfer/acceptance" or self.proposer[finding["id"]] != who)
            and (name != "transfer" or finding["responsible_unit"] != OFFER["unit"])
            and (name != "escalation" or finding["level"] != "county")
            and (name != "merger" or self.alike(finding, other))
        )

    @staticmethod
    def alike(finding: dict[str, Any], other: dict[str, Any]) -> bool:
        """Tell whether one may be merged into the other."""
        return (
            finding["id"] != other["id"]
            and other["status"] not in {"closed", "merged"}
            and (finding["item"], finding["household_id"]) == (other["item"], other["household_id"])
        )

    async def make(self, step: Step) -> None:
        """Try a move: it succeeds where the law allows it, and else changes nothing."""
        name, person, place, other = step
        if name == "rehoming":
            await self.rehome()
            return
        caller, who = [
            (self.scene.village, "village-1"),
            (self.scene.town, "town-1"),
            (self.scene.county, "county-1"),
        ][person]
        finding, allowed = self.findings[place], self.home.division_code == VILLAGE or who != "village-1"
        body = MOVES[name][0] | ({"into": self.findings[other]["id"]} if name == "merger" else {})
        answer = await move(caller, finding, name, body)
        if allowed and self.lawful(name, who, finding, self.findings[other]):
            assert answer.status_code == 200, (step, finding, answer.text)
            self.note(name, who, place, answer.json())
        else:
            assert 400 <= answer.status_code < 500, (step, finding, answer.text)
            self.made["refused"] += 1
            assert (await self.scene.county.get(f"/findings/{finding['id']}")).json() == finding

    def note(self, name: str, who: str, place: int, moved: dict[str, Any]) -> None:
        """Remember a move that was made, and see that it led where it should."""
        assert moved["status"] == LEADS.get(name, self.findings[place]["status"])
        self.made[name] += 1
        self.findings[place] = moved
        if name == "rectification":
            self.rectifier[moved["id"]] = who
        if name == "transfer":
            self.proposer[moved["id"]] = who

    async def rehome(self) -> None:
        """Let the household, and all that is kept of it, belong to the other village."""
        here, there = self.home.division_code, {VILLAGE: NEXT_VILLAGE, NEXT_VILLAGE: VILLAGE}
        state = self.home.model_dump() | {
            "division_code": there[here],
            "version": self.home.version + 1,
        }
        self.home = HouseholdRegistered(**state)
        await self.scene.service.tell(
            HouseholdChanged(**state),
            HouseholdRehomed(
                household_id=self.home.id,
                division_code=here,
                happened_on="2021-06-10",
                into_code=there[here],
                version=self.home.version,
            ),
        )
        self.made["rehoming"] += 1
        self.findings = [await self.shown(each["id"]) for each in self.findings]

    async def shown(self, finding_id: str) -> dict[str, Any]:
        """The finding as the county sees it."""
        found: dict[str, Any] = (await self.scene.county.get(f"/findings/{finding_id}")).json()
        return found


async def played(scene: Scene, steps: list[Step]) -> Ledger:
    """Play random moves on the findings of a new household, two of them about the same matter."""
    home = household()
    await scene.add(home)
    first = await scene.visit(home, answers=[failed("A1-04"), failed("A7-01"), failed("A1-03")])
    again = await scene.visit(home, answers=[failed("A1-04")])
    ledger = Ledger(scene, home, [])
    ids = [*first.json()["finding_ids"], *again.json()["finding_ids"]]
    ledger.findings = [await ledger.shown(each) for each in ids]
    for step in steps:
        await ledger.make(step)
    return ledger


async def progress_equals_a_recount(scene: Scene) -> None:
    """What progress says equals what the tables hold, row by row."""
    progress = (await scene.county.get(f"{scene.path}/progress?by=village")).json()
    async with scene.service.database.reading(system("tests")) as db:
        findings = await db.rows(
            text("SELECT division_code, item, status, deadline_on, on_the_spot FROM finding")
        )
        visited = await db.rows(text("SELECT DISTINCT division_code, household_id FROM visit"))
        homes = await db.rows(text("SELECT division_code FROM household WHERE inhabited"))
        today = db.today
    due, seen = Counter(home.division_code for home in homes), Counter(each.division_code for each in visited)

    def counted(rows: list[Any]) -> dict[str, int]:
        still = [row for row in rows if row.status not in ("closed", "merged")]
        return {
            "raised": len(rows),
            "closed": sum(row.status == "closed" for row in rows),
            "merged": sum(row.status == "merged" for row in rows),
            "submitted": sum(row.status == "submitted" for row in rows),
            "open": len(still),
            "overdue": sum(row.deadline_on < today for row in still),
            "on_the_spot": sum(row.on_the_spot for row in rows),
        }

    places = due.keys() | seen.keys() | {row.division_code for row in findings}
    assert {
        each["division_code"]: (each["due"], each["visited"], each["findings"])
        for each in progress["divisions"]
    } == {
        code: (due[code], seen[code], counted([row for row in findings if row.division_code == code]))
        for code in places
    }
    for area, counts in progress["areas"].items():
        assert counts == counted([row for row in findings if row.item.startswith(area)])
    assert progress["total"]["findings"] == counted(list(findings))


async def holds(scene: Scene, ledger: Ledger) -> None:
    """See that all that must hold does, also after the tallies were folded."""
    for finding in ledger.findings:
        assert await ledger.shown(finding["id"]) == finding
        await history_replays(scene.service, Finding, finding, unlike=["rectified_by"])
    await progress_equals_a_recount(scene)
    async with scene.service.database.writing(system("inspection")) as db:
        await fold(db)
    await progress_equals_a_recount(scene)


_QUIET = (HealthCheck.function_scoped_fixture, HealthCheck.too_slow)


@settings(max_examples=6, suppress_health_check=_QUIET)
@given(steps=STEPS)
async def test_only_lawful_moves_succeed_history_replays_and_progress_equals_a_recount(
    scene: Scene, steps: list[Step]
) -> None:
    await holds(scene, await played(scene, steps))


@pytest.fixture
def made() -> Iterator[Counter[str]]:
    """Moves over all examples; at the end every kind was made, and thousands of them."""
    moves: Counter[str] = Counter()
    yield moves
    print(f"\n{moves.total()} moves, made and refused: {dict(moves.most_common())}")  # noqa: T201 - the proof's figure
    assert moves.keys() == {*MOVES, "rehoming", "refused"}
    assert moves.total() > 3000


@pytest.mark.slow
@pytest.mark.timeout(1800)
@settings(max_examples=300, suppress_health_check=_QUIET, database=None)
@given(steps=STEPS)
async def test_thousands_of_moves_leave_history_and_tallies_true(
    scene: Scene, made: Counter[str], steps: list[Step]
) -> None:
    ledger = await played(scene, steps)
    made.update(ledger.made)
    await holds(scene, ledger)
