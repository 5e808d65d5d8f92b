"""What a person decided of a row without a number holds in the correction, though whoever is meant has moved since."""

from __future__ import annotations

import pytest

from services.monitoring.comparisons.review import run_review
from shared.contracts.household import HouseholdRegistered, MemberTransferred
from tests.services.monitoring.comparing import Department
from tests.services.monitoring.conftest import COUNTY, VILLAGE, Scene, household, member, numbered
from tests.services.monitoring.moving import OTHER, WANG, tell_move
from tests.services.monitoring.test_comparison_matching import cost, costs, decided, outcomes


@pytest.fixture
async def old(scene: Scene) -> HouseholdRegistered:
    return await scene.known(
        household(members=(member("王小雨", "2005-09-01"), numbered("王建国", WANG, relationship="head")))
    )


@pytest.fixture
async def new(scene: Scene) -> HouseholdRegistered:
    return await scene.known(household(VILLAGE, members=(numbered("赵一", OTHER, relationship="head"),)))


@pytest.fixture
async def school(scene: Scene) -> Department:
    return Department(scene.service, await scene.service.caller("department", COUNTY, subject="jiaoyu"))


@pytest.mark.parametrize(
    ("verdict", "outcome"),
    [("confirmation", "matched"), ("refusal", "unmatched")],
    ids=["meant", "not meant"],
)
async def test_a_decision_holds_in_the_correction_after_a_move(
    school: Department,
    scene: Scene,
    old: HouseholdRegistered,
    new: HouseholdRegistered,
    verdict: str,
    outcome: str,
) -> None:
    first = await costs(school, cost())
    await decided(scene, first, 2, verdict)
    await run_review(await school.run_named("monitoring.comparison_review"))
    await tell_move(scene, MemberTransferred, old, new, old.members[0].id)
    corrected = await costs(school, cost(), cost("外地人", "", "2001-01-01", ""))
    assert (await outcomes(school, corrected))[0] == (outcome, "person")
    told = [each["status"] for each in (await scene.county.get("/clues")).json()["items"]]
    assert told == (["received", "received"] if outcome == "matched" else [])
    assert corrected["clues_taken_back"] == 0
