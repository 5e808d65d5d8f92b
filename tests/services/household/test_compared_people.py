"""What departments say otherwise of a person: school, work, which nobody certifies, and that they have left."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from shared.contracts.household import HouseholdChanged
from tests.clients import ServiceUnderTest, outbox_of
from tests.services.household.changing import FAMILY, House
from tests.services.household.test_compared_corrections import DIED, compared, death, fact, of_batch, outcome
from tests.services.household.test_corrections import decide, decided


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


@pytest.mark.parametrize("entered", ["accepted", "by_hand"])
async def test_what_else_waits_is_answered_once_somebody_has_left(
    registry: ServiceUnderTest, county: httpx.AsyncClient, entered: str
) -> None:
    house = await House.of(county, *FAMILY)
    mother, son = house.id_of("李秀英"), house.id_of("王强")
    first, again = compared(house, "death", death(mother)), compared(house, "death", death(mother))
    moved = compared(house, "residence", fact("leave_reason", None, "moved_out", mother, happened_on=DIED))
    his = compared(house, "death", death(son))
    await registry.tell(first, again, moved, his)
    if entered == "accepted":
        assert (
            await decide(county, (await of_batch(county, first))["leave_reason"], "acceptance")
        ).is_success
    else:
        await house.do(f"/members/{mother}/departure", on="2021-05-19", reason="death")
    news = [each for each in await outbox_of(registry) if each["type"] == HouseholdChanged.event_type]
    await registry.tell(HouseholdChanged.model_validate(news[-1]["data"]))
    of_each = [(await of_batch(county, each))["leave_reason"] for each in (first, again, moved, his)]
    assert [outcome(each) for each in of_each] == [
        ("accepted", "decided_by_person" if entered == "accepted" else "already_so"),
        ("accepted", "already_so"),
        ("refused", "member_left"),
        ("waiting", "departure"),
    ]
    assert len(await house.changes()) == 1
    # Whoever proposed it learns so.
    answers = {answer["id"]: answer["decisions"][0]["status"] for answer in await decided(registry)}
    assert [answers[str(each.id)] for each in (again, moved, his)] == ["accepted", "refused", "waiting"]
