"""A household's way through monitoring, taken by the people whose part each step is."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from tests.services.monitoring import forms
from tests.services.monitoring.conftest import Scene, move

#: Step, who, form; what the case's next step is then.
STEPS: tuple[tuple[str, str, dict[str, Any], str], ...] = (
    ("consent", "village", forms.CONSENT, "household_check"),
    ("household-check", "village", forms.CHECK, "data_check"),
    ("data-check", "county", forms.DATA_CHECK, "deliberation"),
    ("deliberation", "village", forms.DELIBERATION, "publicity"),
    ("publicity", "village", forms.PUBLICITY, "town_review"),
    ("town-review", "town", forms.REVIEW, "joint_check"),
    ("joint-check", "convener", forms.JOINT_CHECK, "county_approval"),
    ("county-approval", "county", forms.APPROVAL, "announcement"),
    ("announcement", "village", forms.ANNOUNCEMENT, "announcement"),
)


async def accepted(scene: Scene, household_id: UUID, **clue: Any) -> dict[str, Any]:
    """Send in a clue and accept it."""
    receipt = await scene.clue(household_id, **clue)
    address = f"/clues/{receipt['clue_id']}/acceptance"
    return await move(scene.village, address, {"verdict": "入户核实，情况属实"}, expect=201)


async def open_case(scene: Scene, household_id: UUID) -> str:
    """Return the address of a new case."""
    return f"/cases/{(await accepted(scene, household_id))['case_id']}"


async def walk(
    scene: Scene,
    case: str,
    *,
    since: str = "consent",
    until: str | None = None,
    changed: dict[str, dict[str, Any]] | None = None,
) -> dict[str, Any]:
    """Take a case through its steps up to and not including ``until``; ``changed`` replaces parts of forms."""
    shown: dict[str, Any] = {}
    first = [step for step, *_ in STEPS].index(since)
    for step, who, form, following in STEPS[first:]:
        if step == until:
            break
        filled = form | dates_of(scene, step) | (changed or {}).get(step, {})
        shown = await move(getattr(scene, who), f"{case}/{step}", filled)
        assert shown["step"] == following, shown
    return shown


def dates_of(scene: Scene, step: str) -> dict[str, str]:
    """Return the dates that a step's form needs; publicity takes five days, the first included."""
    today = scene.service.clock.moment
    if step == "announcement":
        return {"entered_on": str(today.date())}
    if step == "publicity":
        scene.service.clock.moment = today + timedelta(days=4)
        return {"from_on": str(today.date()), "until_on": str(scene.service.clock.moment.date())}
    return {}


async def monitored(scene: Scene, household_id: UUID, **check: Any) -> str:
    """Return the address of a household's monitored object; ``check`` replaces parts of the household check."""
    changed = {"household-check": check}
    shown = await walk(scene, await open_case(scene, household_id), changed=changed)
    return f"/monitored/{shown['monitored_id']}"


async def monitored_with_kin(scene: Scene, household_id: UUID, *names: str) -> str:
    """Return the address of an object whose household has officials of these names as kin: two approve it."""
    relatives = [{"name": name, "office": "干部", "relation": "户主之弟"} for name in names]
    case = await open_case(scene, household_id)
    await walk(scene, case, until="county-approval", changed={"household-check": {"relatives": relatives}})
    await move(scene.county, f"{case}/county-approval", forms.APPROVAL)
    approved = await move(scene.other_county, f"{case}/county-approval", forms.APPROVAL)
    return f"/monitored/{approved['monitored_id']}"


async def measure_done(scene: Scene, thing: str, **changes: Any) -> dict[str, Any]:
    """Plan a measure and report it done."""
    planned = await scene.village.post(f"{thing}/measures", json=forms.MEASURE | changes)
    assert planned.status_code == 201, planned.text
    return await move(
        scene.village, f"/measures/{planned.json()['id']}/completion", {"effect": "自付降至每月三百元"}
    )


async def eliminated(scene: Scene, thing: str) -> dict[str, Any]:
    """Help the household, let more than half a year pass, and eliminate its risk."""
    await measure_done(scene, thing)
    scene.go_to(2021, 12, 20)
    await move(scene.village, f"{thing}/elimination", forms.STABLE)
    await move(scene.village, f"{thing}/elimination/deliberation", forms.GONE)
    await move(scene.town, f"{thing}/elimination/review", forms.REVIEW)
    return await move(scene.county, f"{thing}/elimination/approval", forms.APPROVAL)


async def withdrawn(scene: Scene, case: str, **changes: Any) -> dict[str, Any]:
    """End a case at the household's wish: the village takes it down, the town confirms."""
    await move(scene.village, f"{case}/withdrawal", forms.WITHDRAWAL | changes)
    return await move(scene.town, f"{case}/withdrawal/confirmation", forms.WISHED)


async def closed(scene: Scene, thing: str, **changes: Any) -> dict[str, Any]:
    """Propose to close an object, and confirm it as another person."""
    await move(scene.town, f"{thing}/closure", forms.CLOSURE | changes)
    return await move(scene.county, f"{thing}/closure/confirmation", forms.APPROVAL)
