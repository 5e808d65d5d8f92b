"""Households that are followed up, visits to them, and whose turn it is."""

from __future__ import annotations

from datetime import date
from typing import Any

from services.monitoring.followups.job import keep_turns
from shared.contracts.household import HouseholdRegistered
from shared.contracts.inspection import HouseholdVisited
from shared.keys import uuid7
from tests.clients import outbox_of
from tests.services.monitoring.conftest import (
    VILLAGE,
    Scene,
    household,
    morning,
)

VISIT: dict[str, Any] = {"found": "身体恢复，收入正常"}


def lifted(place: str = VILLAGE, **changes: Any) -> HouseholdRegistered:
    """A lifted household."""
    return household(place, **({"kind": "lifted", "lifted_year": 2016} | changes))


def visited(home: HouseholdRegistered, day: date, **changes: Any) -> HouseholdVisited:
    """A visit of an inspection."""
    facts: dict[str, Any] = {
        "id": uuid7(),
        "division_code": home.division_code,
        "version": 1,
        "campaign_id": uuid7(),
        "household_id": home.id,
        "visited_at": morning(day.year, day.month, day.day),
        "officer": "张强",
    }
    return HouseholdVisited(**(facts | changes))


async def turn(scene: Scene, home: HouseholdRegistered) -> dict[str, Any] | None:
    """Return a household's turn, if it is to be followed up."""
    listed = (await scene.county.get("/follow-ups/due", params={"limit": 200})).json()["items"]
    return next((each for each in listed if each["household_id"] == str(home.id)), None)


async def due(scene: Scene, home: HouseholdRegistered) -> str | None:
    """Return until when a household is to be visited."""
    found = await turn(scene, home)
    return found["due_on"] if found else None


async def keep(scene: Scene) -> int:
    """Let the job run that keeps turns."""
    return await keep_turns(scene.service.database)


async def told(scene: Scene, kind: str) -> list[dict[str, Any]]:
    """Return the events of that kind that wait to be published."""
    return [each for each in await outbox_of(scene.service) if str(each["type"]).split(".")[1] == kind]
