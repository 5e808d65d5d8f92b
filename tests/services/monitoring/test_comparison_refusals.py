"""That a row is not about somebody is said once: it holds for as long as the batch may be corrected."""

from __future__ import annotations

from datetime import timedelta

from services.monitoring.comparisons import retention
from services.monitoring.comparisons.review import run_review
from tests.services.monitoring.comparing import Department
from tests.services.monitoring.conftest import Scene
from tests.services.monitoring.test_comparison_matching import (
    cost,
    costs,
    decided,
    department,
    outcomes,
    review_of,
)

__all__ = ["department"]


async def test_what_a_person_refused_is_not_asked_again_however_late_the_correction_comes(
    department: Department, scene: Scene
) -> None:
    first = await costs(department, cost(), cost("外地人", "", "2001-01-01", ""))
    await decided(scene, first, 2, "refusal")
    await run_review(await review_of(department))
    scene.service.clock.moment += timedelta(days=91)
    await retention.run(scene.service.runtime)
    (kept,) = await department.listed(first, "results")
    assert (kept["line"], kept["outcome"], kept["match"], kept["amount"]) == (2, "unmatched", "person", None)
    corrected = await costs(department, cost(), cost("李秀英", "", "1980-03-01", ""))
    assert await outcomes(department, corrected) == [("unmatched", "person"), ("probable", "birth")]
