"""A county drawn by chance, and the rules asked of it."""

from __future__ import annotations

import random
from decimal import Decimal
from typing import Any

import httpx
from sqlalchemy import text

from services.monitoring.rulebook.job import run_screening
from services.monitoring.stability_reviews.job import run_review
from shared.contracts.household import HouseholdRegistered, MemberState
from shared.identity.principal import system
from shared.jobs import JobRun
from shared.keys import uuid7
from tests.clients import ServiceUnderTest
from tests.services.monitoring.conftest import OTHER_VILLAGE, VILLAGE, household, member

INCOMES = ("3000", "5999.99", "6000", "6000.01", "9000", "25000", None)


def drawn(draw: random.Random, **changes: Any) -> HouseholdRegistered:
    """Return a household of which much is known, and some is not."""
    facts: dict[str, Any] = {
        "number": str(draw.randrange(10**9)),
        "kind": draw.choice(["general", "lifted"]),
        "minimum_living": draw.random() < 0.2,
        "destitute": draw.random() < 0.1,
        "housing_grade": draw.choice(["A", "B", "C", "D", None, None]),
        "water_safe": draw.choice([True, True, True, False, None]),
        "income_per_capita": _amount(draw.choice(INCOMES)),
        "members": tuple(_person(draw) for _ in range(draw.randint(1, 4))),
    }
    return household(draw.choice([VILLAGE, OTHER_VILLAGE]), **(facts | changes))


def _person(draw: random.Random) -> MemberState:
    born = draw.choice(["1945-03-01", "1980-03-01", "2005-06-10", "2005-06-11", "2006-01-01", "2015-06-10"])
    return member(
        draw.choice(["王建国", "李秀英", "赵小雨"]),
        born,
        labour=draw.choice(["ordinary", "weak", "none", "lost", None]),
        health=draw.choice([("healthy",), ("serious",), ("serious", "disabled"), ("chronic",)]),
        school_status=draw.choice(["dropped_out", "primary", None]),
        medical_insurance=draw.choice([True, True, False, None]),
        left_on=draw.choice([None, None, None, "2021-01-01"]),
    )


def _amount(written: str | None) -> Decimal | None:
    return Decimal(written) if written else None


async def run_job(service: ServiceUnderTest, asked: httpx.Response) -> dict[str, Any]:
    """Run the job that an answer names, as the bulk process does."""
    assert asked.status_code == 202, asked.text
    job_id = asked.json()["job"].removeprefix("monitoring-")
    async with service.database.reading(system("tests")) as db:
        ((name, payload, checkpoint),) = await db.rows(
            text("SELECT name, payload, checkpoint FROM job WHERE id = CAST(:id AS uuid)"), {"id": job_id}
        )
    handler = {"monitoring.screening": run_screening, "monitoring.stability_review": run_review}[name]
    return await handler(JobRun(uuid7(), payload, checkpoint, "", service.runtime))


async def screen(service: ServiceUnderTest, by: httpx.AsyncClient) -> dict[str, Any]:
    """Ask all rules of everybody."""
    return await run_job(service, await by.post("/rules/screenings"))


async def all_hits(by: httpx.AsyncClient, **query: Any) -> list[dict[str, Any]]:
    """Return all hits, page by page."""
    found: list[dict[str, Any]] = []
    cursor: dict[str, str] = {}
    while True:
        page = (await by.get("/rule-hits", params={"limit": 200} | query | cursor)).json()
        found += page["items"]
        if page["next"] is None:
            return found
        cursor = {"cursor": page["next"]}
