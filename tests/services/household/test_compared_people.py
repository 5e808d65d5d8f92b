"""What departments say otherwise of a person: school, and work, which nobody certifies."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.clients import ServiceUnderTest
from tests.services.household.changing import FAMILY, House
from tests.services.household.test_compared_corrections import compared, fact, of_batch, outcome
from tests.services.household.test_corrections import decide


@pytest.mark.parametrize(
    ("dataset", "field", "known", "found", "expected"),
    [
        ("dropout", "school_status", None, "dropped_out", ("accepted", "certified")),
        # It may be deferred by leave.
        ("enrolment", "school_status", None, "dropped_out", ("waiting", "needs_proof")),
        ("employment", "work_place", None, "outside", ("waiting", "needs_proof")),
        ("employment", "work_place", "outside", None, ("accepted", "already_so")),
    ],
)
async def test_the_rules_decide_on_people_by_dataset(
    registry: ServiceUnderTest,
    county: httpx.AsyncClient,
    *,
    dataset: str,
    field: str,
    known: Any,
    found: Any,
    expected: tuple[str, str],
) -> None:
    house = await House.of(county, *FAMILY)
    batch = compared(house, dataset, fact(field, known, found, house.id_of("王强")))
    await registry.tell(batch)
    assert outcome((await of_batch(county, batch))[field]) == expected


async def test_whoever_lost_their_work_has_no_work_place_once_a_person_says_so(
    registry: ServiceUnderTest, county: httpx.AsyncClient
) -> None:
    house = await House.of(county, *FAMILY)
    son = house.id_of("王强")
    for known, found in ((None, "outside"), ("outside", None)):
        batch = compared(house, "employment", fact("work_place", known, found, son))
        await registry.tell(batch)
        waiting = (await of_batch(county, batch))["work_place"]
        assert outcome(waiting) == ("waiting", "needs_proof")
        assert (await decide(county, waiting, "acceptance")).status_code == 200
        await house.look()
        member = next(each for each in house.view["members"] if each["id"] == son)
        assert member["work_place"] == found
