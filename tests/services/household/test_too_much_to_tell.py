"""A change whose news would be larger than the bus takes."""

from __future__ import annotations

import httpx

from shared.database import Database
from tests.clients import ServiceUnderTest, outbox_of
from tests.services.household.conftest import a_household, registered


async def test_it_is_refused_and_leaves_nothing_behind(
    registry: ServiceUnderTest, county: httpx.AsyncClient
) -> None:
    await registered(county)
    told, roomy = len(await outbox_of(registry)), registry.runtime.database
    url = roomy.engine.url.render_as_string(hide_password=False)
    registry.runtime.database = Database(
        url, service="household", pool_size=2, now=registry.clock, max_message_bytes=500
    )
    new, key = a_household(order="321"), {"Idempotency-Key": "the-second"}
    refused = await county.post("/households", json=new, headers=key)
    await registry.runtime.database.dispose()
    registry.runtime.database = roomy

    assert (refused.status_code, refused.json()["code"]) == (422, "event_too_large")
    assert "household.registered.v1" in refused.json()["detail"]
    assert (await county.get("/households", params={"count": "exact"})).json()["total"] == 1
    assert len(await outbox_of(registry)) == told
    # Once the limit is raised, the same request is done, not answered from memory.
    assert (await county.post("/households", json=new, headers=key)).status_code == 201
