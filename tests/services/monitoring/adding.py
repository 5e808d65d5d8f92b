"""Households under watch with a further risk that waits to be added."""

from __future__ import annotations

from datetime import date
from typing import Any

import httpx

from services.monitoring.overdue.job import act_on_limits
from tests.clients import outbox_of
from tests.services.monitoring.conftest import (
    Scene,
    household,
    move,
)
from tests.services.monitoring.journey import (
    accepted,
    eliminated,
    monitored,
)

WATER = {"risk_type": "water", "cause": "水源枯竭"}
NO_RISK = {"reason": "管网已修复，复核无风险"}


async def watched(scene: Scene) -> tuple[Any, str]:
    """Return a household and its object, and go to a Wednesday a week after the identification began."""
    home = await scene.known(household())
    thing = await monitored(scene, home.id)
    scene.go_to(2021, 6, 16)
    return home, thing


async def act(scene: Scene, day: date) -> int:
    """Let the job run in the morning of a day."""
    scene.go_to(day.year, day.month, day.day)
    return await act_on_limits(scene.service.database)


async def shown(caller: httpx.AsyncClient, clue_id: str) -> dict[str, Any]:
    """Return a clue."""
    clue: dict[str, Any] = (await caller.get(f"/clues/{clue_id}")).json()
    return clue


async def late(scene: Scene) -> list[tuple[Any, ...]]:
    """Return what was told of clues that are late: what, of which limit, since when, at whose table."""
    told = [each["data"] for each in await outbox_of(scene.service) if "clue_overdue" in str(each["type"])]
    return [(each["late"], each["due_on"], each["overdue_on"], each["level"]) for each in told]


async def waiting(scene: Scene, **query: Any) -> list[str]:
    """Return the clues that wait for the town to add them."""
    listed = (await scene.town.get("/clues", params={"awaits_adding": True} | query)).json()["items"]
    return [each["id"] for each in listed]


async def candidate(scene: Scene) -> tuple[str, str, str]:
    """Return an eliminated object of which two risks were verified since, and one of them by the town: both clues."""
    scene.go_to(2021, 6, 10)
    home = await scene.known(household())
    thing = await monitored(scene, home.id)
    await eliminated(scene, thing)
    illness, water = [
        (await accepted(scene, home.id, risk_type=risk))["clue_id"] for risk in ("illness", "water")
    ]
    await move(
        scene.town, f"{thing}/retagging", {"risk_type": "illness", "cause": "复发", "clue_id": illness}
    )
    return thing, illness, water
