"""What happens between the proposal of an elimination and its approval, and what help does not count."""

from __future__ import annotations

import pytest

from tests.services.monitoring import forms
from tests.services.monitoring.conftest import Scene, household, move, without
from tests.services.monitoring.journey import accepted, eliminated, measure_done, monitored


async def reviewed(scene: Scene, thing: str) -> None:
    """Take an elimination to the county."""
    scene.go_to(2021, 12, 20)
    await move(scene.village, f"{thing}/elimination", forms.STABLE)
    await move(scene.village, f"{thing}/elimination/deliberation", forms.GONE)
    await move(scene.town, f"{thing}/elimination/review", forms.REVIEW)


@pytest.mark.parametrize(
    ("risk", "on"),
    [
        pytest.param("illness", 20, id="the same risk, while the elimination was proposed"),
        pytest.param("water", 20, id="another one, while it was proposed"),
        pytest.param("water", 19, id="another one, before"),
    ],
)
async def test_a_risk_that_was_verified_and_not_tagged_stops_the_elimination(
    scene: Scene, risk: str, on: int
) -> None:
    home = await scene.known(household())
    thing = await monitored(scene, home.id)
    await measure_done(scene, thing)
    if on == 19:
        scene.go_to(2021, 12, 19)
        await accepted(scene, home.id, risk_type=risk)
    await reviewed(scene, thing)
    if on == 20:
        await accepted(scene, home.id, risk_type=risk)
    refused = await move(scene.county, f"{thing}/elimination/approval", forms.APPROVAL, expect=409)
    assert refused["code"] == "risk_verified"


async def test_a_risk_that_was_verified_and_tagged_is_one_of_those_that_end(scene: Scene) -> None:
    home = await scene.known(household())
    thing = await monitored(scene, home.id)
    await measure_done(scene, thing)
    scene.go_to(2021, 6, 16)
    lead = await accepted(scene, home.id, risk_type="schooling")
    # Told as one thing, found to be another.
    found = {"risk_type": "education_guarantee", "cause": "辍学", "clue_id": lead["clue_id"]}
    await move(scene.town, f"{thing}/risks", found)
    await measure_done(scene, thing, kind="education", risk_type="education_guarantee")
    assert (await eliminated(scene, thing))["status"] == "eliminated"


async def test_who_could_work_and_died_meanwhile_leaves_a_household_that_is_kept_safe(scene: Scene) -> None:
    home = await scene.known(household())
    thing = await monitored(scene, home.id)
    await measure_done(scene, thing)
    await reviewed(scene, thing)
    await scene.service.tell(without(home, home.members[0].id))
    refused = await move(scene.county, f"{thing}/elimination/approval", forms.APPROVAL, expect=422)
    assert [fault["code"] for fault in refused["errors"]] == ["nobody_can_work"]
    await move(scene.town, f"{thing}/elimination/return", {"reason": "户主去世"})
    shown = await move(scene.village, f"{thing}/elimination", forms.STABLE)
    assert shown["status"] == "elimination_withheld"


async def test_relief_alone_ends_no_watch(scene: Scene) -> None:
    home = await scene.known(household())
    thing = await monitored(scene, home.id)
    await measure_done(scene, thing, kind="relief", description="临时救助三千元")
    scene.go_to(2021, 12, 20)
    refused = await move(scene.village, f"{thing}/elimination", forms.STABLE, expect=422)
    assert [fault["code"] for fault in refused["errors"]] == ["one_off_aid_only"]
    await measure_done(scene, thing)
    await move(scene.village, f"{thing}/elimination", forms.STABLE)
