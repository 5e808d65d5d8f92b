"""Nobody decides alone or past a step: tried at the door, by every role in every part, before every step."""

from __future__ import annotations

from itertools import product
from typing import Any

import httpx
import pytest

from tests.services.monitoring import forms
from tests.services.monitoring.conftest import COUNTY, TOWN, VILLAGE, Scene, household, move
from tests.services.monitoring.journey import STEPS, dates_of, open_case

#: Everybody who has an account, two of them at the county.
ACCOUNTS = {
    "village": ("village_officer", VILLAGE),
    "town": ("town_officer", TOWN),
    "county": ("county_officer", COUNTY),
    "other county": ("county_officer", COUNTY),
    "department": ("department", COUNTY),
    "supervisor": ("supervisor", COUNTY),
    "province": ("provincial_system", "340000000000"),
    "administrator": ("administrator", COUNTY),
}
CHECKERS = ("village", "town", "county", "other county")
REVIEWERS = ("town", "county", "other county")
APPROVERS = ("county", "other county")
Callers = dict[str, httpx.AsyncClient]


@pytest.fixture
async def callers(scene: Scene) -> Callers:
    return {name: await scene.service.caller(*at, subject=name) for name, at in ACCOUNTS.items()}


async def refusal(caller: httpx.AsyncClient, case: str, step: str, form: dict[str, Any], version: int) -> str:
    """Try a step that is to be refused; return how it was."""
    answer = await caller.post(f"{case}/{step}", json=form, headers={"If-Match": f'"{version}"'})
    assert answer.is_error, (step, answer.text)
    return str(answer.json()["code"])


async def test_every_step_needs_each_one_before(scene: Scene) -> None:
    case = await open_case(scene, (await scene.known(household())).id)
    for step, who, form, _ in STEPS:
        shown = (await scene.county.get(case)).json()
        for other, _, other_form, _ in STEPS:
            if other == step:
                continue
            today = str(scene.service.clock.moment.date())
            dates = {
                "announcement": {"entered_on": today},
                "publicity": {"from_on": today, "until_on": today},
            }
            filled = other_form | dates.get(other, {})
            code = await refusal(scene.county, case, other, filled, shown["version"])
            assert code == "not_at_this_step", (step, other)
        assert (await scene.county.get(case)).json() == shown
        await move(getattr(scene, who), f"{case}/{step}", form | dates_of(scene, step))


async def checked(scene: Scene, callers: Callers, checker: str) -> str:
    """Return a case that waits for the town, checked by somebody."""
    scene.go_to(2021, 6, 10)
    case = await open_case(scene, (await scene.known(household())).id)
    for step, who, form, _ in STEPS[:5]:
        caller = callers[checker] if step == "household-check" else getattr(scene, who)
        await move(caller, f"{case}/{step}", form | dates_of(scene, step))
    return case


@pytest.mark.parametrize(
    ("checker", "reviewer"),
    [pair for pair in product(CHECKERS, REVIEWERS) if pair[0] != pair[1]],
    ids=" then ".join,
)
async def test_every_combination_of_roles_decides_together_or_not_at_all(
    scene: Scene, callers: Callers, checker: str, reviewer: str
) -> None:
    case = await checked(scene, callers, checker)
    version = (await scene.county.get(case)).json()["version"]
    # The town's review is not skipped, by whoever it may be, nor done by who may not.
    for name, caller in callers.items():
        code = await refusal(caller, case, "county-approval", forms.APPROVAL, version)
        assert code == ("not_at_this_step" if name in APPROVERS else "forbidden"), name
        if name not in REVIEWERS or name == checker:
            code = await refusal(caller, case, "town-review", forms.REVIEW, version)
            assert code == ("same_person" if name in REVIEWERS else "forbidden"), name
    await move(callers[reviewer], f"{case}/town-review", forms.REVIEW)
    version += 1
    may = [name for name in APPROVERS if name not in {checker, reviewer}]
    for name, caller in callers.items():
        if name not in may:
            code = await refusal(caller, case, "county-approval", forms.APPROVAL, version)
            assert code == ("same_person" if name in APPROVERS else "forbidden"), name
    shown = (await scene.county.get(case)).json()
    assert (shown["version"], shown["monitored_id"]) == (version, None)
    if may:
        shown = await move(callers[may[0]], f"{case}/county-approval", forms.APPROVAL)
        assert shown["monitored_id"]
