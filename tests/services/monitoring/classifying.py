"""Lifted households, and their way through the three steps of classification."""

from __future__ import annotations

from typing import Any

from shared.contracts.household import HouseholdRegistered
from tests.clients import outbox_of
from tests.services.monitoring.conftest import VILLAGE, Scene, household, member

HERE: dict[str, Any] = {"division": VILLAGE, "year": 2021}


def lifted(income: str | None = "20000", place: str = VILLAGE, **changes: Any) -> HouseholdRegistered:
    """A lifted household of two who can work, guided by its income alone."""
    people = (
        member("王建国", "1980-03-01", relationship="head", labour="ordinary"),
        member("赵敏", "1982-05-01", relationship="spouse", labour="ordinary"),
    )
    facts = {"kind": "lifted", "lifted_year": 2016, "income_per_capita": income, "members": people}
    return household(place, **(facts | changes))


async def of(scene: Scene, home: HouseholdRegistered, year: int = 2021) -> dict[str, Any]:
    """Return a household's class."""
    found = await scene.county.get("/support-classes", params={"household_id": str(home.id), "year": year})
    (shown,) = found.json()["items"]
    result: dict[str, Any] = shown
    return result


async def decided(scene: Scene, *homes: HouseholdRegistered) -> None:
    """Take the households of the village through all three steps."""
    await scene.known(*homes)
    for who, step in ((scene.village, "proposals"), (scene.town, "checks"), (scene.county, "decisions")):
        answer = await who.post(f"/support-classes/{step}", json=HERE)
        assert answer.status_code == 200, answer.text


async def told(scene: Scene, *kinds: str) -> list[dict[str, Any]]:
    """Return the events of these kinds that wait to be published."""
    return [each for each in await outbox_of(scene.service) if str(each["type"]).split(".")[1] in kinds]
