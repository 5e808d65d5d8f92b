"""Nobody decides alone or past a step: tried at the door, by every role in every part, before every step."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from itertools import product
from typing import Any

import httpx
import pytest

from tests.services.monitoring import forms
from tests.services.monitoring.conftest import COUNTY, TOWN, VILLAGE, Scene, household, move
from tests.services.monitoring.journey import STEPS, dates_of, open_case

#: Everybody who has an account, three of them at the county.
ACCOUNTS = {
    "village": ("village_officer", VILLAGE),
    "town": ("town_officer", TOWN),
    "county": ("county_officer", COUNTY),
    "other county": ("county_officer", COUNTY),
    "third county": ("county_officer", COUNTY),
    "department": ("department", COUNTY),
    "supervisor": ("supervisor", COUNTY),
    "province": ("provincial_system", "340000000000"),
    "administrator": ("administrator", COUNTY),
}
APPROVERS = ("county", "other county", "third county")
REVIEWERS = ("town", *APPROVERS)
CHECKERS = ("village", *REVIEWERS)
#: Of the same office: whoever may approve may as well hear the departments, not both.
CONVENERS = APPROVERS
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


@dataclass
class Door:
    """A case, before everybody who has an account."""

    scene: Scene
    callers: Callers
    case: str

    async def shut(
        self, step: str, among: Collection[str], code: str, *, open_to: Collection[str] = ()
    ) -> None:
        """See that a step is refused to all but those it is open to: by name to those whose part it may be."""
        version = (await self.scene.county.get(self.case)).json()["version"]
        form = next(form for name, _, form, _ in STEPS if name == step)
        for name, caller in self.callers.items():
            if name not in open_to:
                expected = code if name in among else "forbidden"
                assert await refusal(caller, self.case, step, form, version) == expected, (step, name)
        assert (await self.scene.county.get(self.case)).json()["version"] == version


async def checked(scene: Scene, callers: Callers, checker: str, recorder: str = "village") -> str:
    """Return a case that waits for the town, checked by somebody, its deliberation recorded by somebody."""
    scene.go_to(2021, 6, 10)
    case = await open_case(scene, (await scene.known(household())).id)
    for step, who, form, _ in STEPS[:5]:
        mine = {"household-check": checker, "deliberation": recorder}.get(step)
        caller = callers[mine] if mine else getattr(scene, who)
        await move(caller, f"{case}/{step}", form | dates_of(scene, step))
    return case


@pytest.mark.parametrize(
    ("checker", "reviewer"),
    [
        pytest.param(*pair, id=" then ".join(pair))
        for pair in product(CHECKERS, REVIEWERS)
        if pair[0] != pair[1]
    ],
)
async def test_every_combination_of_roles_decides_together_or_not_at_all(
    scene: Scene, callers: Callers, checker: str, reviewer: str
) -> None:
    case = await checked(scene, callers, checker)
    door = Door(scene, callers, case)
    # No step is skipped, by whoever it may be, nor done by who may not.
    await door.shut("county-approval", APPROVERS, "not_at_this_step")
    await door.shut("joint-check", CONVENERS, "not_at_this_step")
    await door.shut("town-review", REVIEWERS, "same_person", open_to={*REVIEWERS} - {checker})
    await move(callers[reviewer], f"{case}/town-review", forms.REVIEW)
    await door.shut("county-approval", APPROVERS, "not_at_this_step")
    conveners = {*CONVENERS} - {checker, reviewer}
    await door.shut("joint-check", CONVENERS, "same_person", open_to=conveners)
    for convener in sorted(conveners):
        await move(callers[convener], f"{case}/joint-check", forms.JOINT_CHECK)
        await door.shut("county-approval", APPROVERS, "same_person", open_to=conveners - {convener})
        back = {"to_step": "joint_check", "reason": "换人再审"}
        assert (await move(scene.county, f"{case}/return", back))["monitored_id"] is None
    convener, *approvers = sorted(conveners)
    await move(callers[convener], f"{case}/joint-check", forms.JOINT_CHECK)
    if approvers:
        shown = await move(callers[approvers[0]], f"{case}/county-approval", forms.APPROVAL)
        assert shown["monitored_id"]


@pytest.mark.parametrize("recorder", REVIEWERS)
async def test_who_recorded_the_deliberation_decides_nothing_at_the_county(
    scene: Scene, callers: Callers, recorder: str
) -> None:
    case = await checked(scene, callers, "village", recorder)
    door = Door(scene, callers, case)
    await move(callers["town"], f"{case}/town-review", forms.REVIEW)
    others = {*CONVENERS} - {recorder}
    await door.shut("joint-check", CONVENERS, "same_person", open_to=others)
    convener, *approvers = sorted(others)
    await move(callers[convener], f"{case}/joint-check", forms.JOINT_CHECK)
    await door.shut("county-approval", APPROVERS, "same_person", open_to=approvers)
    assert (await move(callers[approvers[0]], f"{case}/county-approval", forms.APPROVAL))["monitored_id"]
