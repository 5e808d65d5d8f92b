"""Progress equals a recount, whatever was done; history replays to the state."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from typing import Any

from hypothesis import HealthCheck, given, settings, strategies as st
from sqlalchemy import text

from services.inspection.findings.model import Finding
from shared.database.history import story
from shared.identity.principal import system
from tests.services.inspection.conftest import (
    COUNTY,
    NEXT_VILLAGE,
    OTHER_TOWN,
    OTHER_VILLAGE,
    TOWN,
    VILLAGE,
    Scene,
    failed,
    household,
    on,
    visit,
)
from tests.services.inspection.test_findings import DONE, PLAN, move

STEPS: dict[str, tuple[str, dict[str, Any]]] = {
    "plan": ("plan", PLAN),
    "rectify": ("rectification", DONE),
    "verify": ("verification", {}),
    "return": ("return", {"reason": "证据不足"}),
    "reopen": ("reopening", {"reason": "反弹"}),
}


async def test_progress_counts_households_and_findings_by_division(scene: Scene) -> None:
    homes = [household(), household(), household(NEXT_VILLAGE), household(OTHER_VILLAGE)]
    await scene.add(*homes)
    spot = {"measure": "更换", "evidence": ["照片"]}
    await scene.visit(homes[0], answers=[failed("A1-04"), failed("A1-03", on_the_spot=spot)])
    await scene.visit(homes[0])
    await scene.county.post(f"{scene.path}/visits", json=visit(homes[3], answers=[failed("A8-01")]))
    scene.service.clock.moment = on(25)
    async with scene.service.statements() as sent:
        progress = (await scene.county.get(f"{scene.path}/progress?by=town")).json()
    assert len(sent) <= 5, sent
    towns = {each["division_code"]: each for each in progress["divisions"]}
    assert [towns[TOWN][name] for name in ("name", "due", "visited", "coverage")] == ["濉溪镇", 3, 1, 33.3]
    assert towns[TOWN]["findings"] == {
        "raised": 2,
        "closed": 1,
        "merged": 0,
        "open": 1,
        "overdue": 1,
        "on_the_spot": 1,
    }
    assert towns[OTHER_TOWN]["findings"]["raised"] == 1
    assert (progress["total"]["division_code"], progress["total"]["due"]) == (COUNTY, 4)
    assert progress["total"]["findings"]["raised"] == 3
    assert progress["areas"]["A1"]["raised"] == 2
    own = (await scene.village.get(f"{scene.path}/progress?by=village")).json()
    assert {each["division_code"]: each["due"] for each in own["divisions"]} == {VILLAGE: 2}


@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=st.lists(st.tuples(st.sampled_from(sorted(STEPS)), st.booleans()), max_size=12))
async def test_after_any_moves_history_replays_and_progress_equals_a_recount(
    scene: Scene, steps: list[tuple[str, bool]]
) -> None:
    home = household()
    await scene.add(home)
    recorded = await scene.visit(home, answers=[failed("A1-04"), failed("A7-01")])
    finding = (await scene.village.get(f"/findings/{recorded.json()['finding_ids'][0]}")).json()
    statuses = [finding["status"]]
    for step, by_county in steps:
        name, body = STEPS[step]
        answer = await move(scene.county if by_county else scene.town, finding, name, body)
        assert answer.status_code in (200, 409), answer.text
        # The same plan once more changes nothing, and so makes no version.
        if answer.status_code == 200 and answer.json() != finding:
            finding = answer.json()
            statuses.append(finding["status"])
    await history_replays(scene, finding, statuses)
    await progress_equals_a_recount(scene)


async def history_replays(scene: Scene, finding: dict[str, Any], statuses: list[str]) -> None:
    """The changes of a finding, applied in order, give the finding."""
    async with scene.service.database.reading(system("tests")) as db:
        changes = story(await db.history(finding["id"], Finding))
    replayed: dict[str, Any] = {}
    assert [change.fields["status"][1] for change in changes if "status" in change.fields] == [
        status for before, status in pairwise(["", *statuses]) if status != before
    ]
    for change in changes:
        assert all(replayed.get(name) == before for name, (before, _) in change.fields.items())
        replayed |= {name: after for name, (_, after) in change.fields.items()}
    assert len(changes) == len(statuses) == finding["version"]
    shared = replayed.keys() & finding.keys() - {"rectified_by"}
    assert {name: replayed[name] for name in shared} == {name: finding[name] for name in shared}


async def progress_equals_a_recount(scene: Scene) -> None:
    """What progress says equals what the tables hold, row by row."""
    progress = (await scene.county.get(f"{scene.path}/progress?by=village")).json()
    async with scene.service.database.reading(system("tests")) as db:
        findings = await db.rows(text("SELECT division_code, closed_on, on_the_spot FROM finding"))
        visited = await db.rows(text("SELECT DISTINCT division_code, household_id FROM visit"))
        homes = await db.rows(text("SELECT division_code FROM household"))
    due, seen = Counter(home.division_code for home in homes), Counter(each.division_code for each in visited)
    raised = Counter(each.division_code for each in findings)
    closed = Counter(each.division_code for each in findings if each.closed_on)
    counted = {
        each["division_code"]: (
            each["due"],
            each["visited"],
            each["findings"]["raised"],
            each["findings"]["closed"],
        )
        for each in progress["divisions"]
    }
    assert counted == {code: (due[code], seen[code], raised[code], closed[code]) for code in due | raised}
    assert sum(area["raised"] for area in progress["areas"].values()) == raised.total()
