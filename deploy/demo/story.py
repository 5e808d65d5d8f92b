"""The story of one campaign, stage by stage, and how long each took."""

from __future__ import annotations

import time
from collections.abc import Awaitable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from random import Random
from typing import Any, TypeVar

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from deploy.demo.actors import first_actors
from deploy.demo.stage import Story, rehearse
from deploy.demo.stages import (
    campaign,
    departments,
    evidence,
    forces,
    identification,
    later,
    registry,
    reports,
)
from deploy.demo.summary import summarise
from deploy.local.events import settle
from deploy.local.installation import Installation

T = TypeVar("T")


@dataclass
class Clockwork:
    """Times the stages."""

    seconds: dict[str, float] = field(default_factory=dict)

    async def time(self, stage: str, work: Awaitable[T]) -> T:
        """Do a stage and note how long it took."""
        started = time.perf_counter()
        result = await work
        self.seconds[stage] = round(time.perf_counter() - started, 2)
        return result


async def play(installation: Installation, out: Path, *, households: int, seed: int) -> dict[str, Any]:
    """Play the whole story through the gateway and return its summary."""
    clockwork, url = Clockwork(), installation.public_url
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    rehearse(date(2021, 6, 6))
    async with AsyncExitStack() as stack:
        progress = stack.enter_context(Progress(*columns))
        actors = await clockwork.time("tokens", first_actors(url, stack))
        story = Story(actors, out, progress, Random(seed))
        await clockwork.time("divisions", registry.enter_divisions(story, url, stack))
        await clockwork.time("households", registry.enter_households(story, households, seed))
        await clockwork.time("events", settle(installation))
        await clockwork.time("campaign", campaign.open_campaign(story))
        await clockwork.time("forces", forces.mobilise(story))
        async with departments.province(story) as province:
            await clockwork.time("comparisons", departments.compare(story))
            await clockwork.time("warnings", province.warn())
            await clockwork.time("visits", campaign.visit_all(story))
            await clockwork.time("settling", settle(installation))
            await clockwork.time("evidence", evidence.bring_home(story, installation))
            cases = await clockwork.time("identification", identification.identify(story))
            await clockwork.time("findings", campaign.put_right(story))
            await clockwork.time("decisions", identification.decide(story, cases))
            await clockwork.time("reports", reports.write(story, installation))
            await clockwork.time("half a year later", later.half_a_year_later(story))
            await clockwork.time("re-tagging", later.retag(story, installation))
            summary = await clockwork.time("checks", summarise(story, installation, province))
    summary["seconds"] = clockwork.seconds
    summary["token"] = story.actors.county.token
    return summary
