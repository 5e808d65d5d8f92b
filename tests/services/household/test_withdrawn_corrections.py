"""Corrections that a department does not propose any more."""

from __future__ import annotations

import httpx

from shared.contracts.comparisons import ComparisonCorrectionsProposed, ComparisonCorrectionsWithdrawn
from tests.clients import ServiceUnderTest
from tests.services.household.changing import FAMILY, House
from tests.services.household.test_compared_corrections import compared, death, fact, of_batch, outcome
from tests.services.household.test_corrections import decide, decided


def not_said_any_more(batch: ComparisonCorrectionsProposed, reason: str) -> ComparisonCorrectionsWithdrawn:
    """What is told once the department has withdrawn that batch."""
    said = batch.model_dump(
        include={"id", "division_code", "household_id", "dataset", "department", "period"}
    )
    ids = tuple(each.id for each in batch.corrections)
    return ComparisonCorrectionsWithdrawn(**said, version=2, reason=reason, corrections=ids)


async def test_what_is_not_said_any_more_ends_where_it_waits_and_is_marked_where_it_was_decided(
    registry: ServiceUnderTest, county: httpx.AsyncClient
) -> None:
    house = await House.of(county, *FAMILY)
    batch = compared(
        house,
        "disability",
        fact("disability_kind", None, "1", house.id_of("王强")),
        death(house.id_of("李秀英")),
    )
    await registry.tell(batch)
    before = await of_batch(county, batch)
    accepted, waiting = before["disability_kind"], before["leave_reason"]
    assert (outcome(accepted), outcome(waiting)) == (("accepted", "certified"), ("waiting", "departure"))
    for _ in range(2):
        await registry.tell(not_said_any_more(batch, "报错了月份"))
    (answer,) = [each for each in await decided(registry) if len(each["decisions"]) == 1]
    assert [(each["id"], each["status"], each["reason"]) for each in answer["decisions"]] == [
        (waiting["id"], "withdrawn", "withdrawn_by_source")
    ]
    gone = (await of_batch(county, batch))["leave_reason"]
    refused = await decide(county, gone, "acceptance")
    assert (refused.status_code, refused.json()["code"]) == (409, "correction_decided")
    # The registry stays as it was decided; whoever looks for what has lost its ground finds it.
    listed = (await county.get("/corrections", params={"status": "accepted", "withdrawn": "true"})).json()
    (marked,) = listed["items"]
    assert (marked["id"], marked["withdrawal_reason"]) == (accepted["id"], "报错了月份")
    assert marked["withdrawn_at"] is not None
    assert (await county.get("/corrections", params={"withdrawn": "false"})).json()["items"] == []
    assert "李秀英" in (await house.look()).present()
