"""Two records of one person, and the registry hearing its own news."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import httpx
from sqlalchemy import text

from shared.contracts.household import HouseholdChanged
from shared.identity.principal import system
from shared.jobs import Job, JobRun
from tests.clients import ServiceUnderTest, outbox_of
from tests.services.household.conftest import OTHER_VILLAGE, registered

BORN = {"birth_date": "1965-01-01", "sex": "male"}


async def told(registry: ServiceUnderTest) -> None:
    """Let the registry hear its own news, as its worker would."""
    for event in await outbox_of(registry):
        if str(event["type"]) in {"household.registered.v1", "household.changed.v1"}:
            await registry.tell(HouseholdChanged.model_validate(event["data"]))


async def registered_as(
    client: httpx.AsyncClient, village: str = OTHER_VILLAGE, **facts: Any
) -> dict[str, Any]:
    """Register a household of one man, 王建国 unless another is named."""
    body = {"division_code": village, "members": [{"name": "王建国", "relationship": "head"} | facts]}
    answer = await client.post("/households", json=body)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def pairs(client: httpx.AsyncClient, **query: Any) -> list[dict[str, Any]]:
    """Return the first page of pairs."""
    answer = await client.get("/duplicates", params=query)
    assert answer.status_code == 200, answer.text
    return list(answer.json()["items"])


async def one_pair(registry: ServiceUnderTest, client: httpx.AsyncClient, **facts: Any) -> dict[str, Any]:
    """Register a couple and, elsewhere, its head again; return the pair that is found."""
    await registered(client)
    await registered_as(client, **facts)
    await told(registry)
    (pair,) = await pairs(client)
    return pair


async def worked(registry: ServiceUnderTest, job: Job, location: str, **checkpoint: int) -> dict[str, Any]:
    """Run a job that was asked for, as the bulk process does."""
    job_id = UUID(location.removeprefix("/jobs/household-"))
    async with registry.database.reading(system("household")) as db:
        (payload,) = (await db.rows(text("SELECT payload FROM job WHERE id = :id"), {"id": job_id}))[0]
    run = JobRun(job_id, payload, dict(checkpoint), "county_officer", registry.runtime)
    return await job.handler(run)
