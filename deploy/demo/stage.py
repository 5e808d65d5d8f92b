"""What the stages share: who plays, where they are, what they know so far, and a way to do many things at once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from random import Random
from typing import Any, TypeVar

from rich.progress import Progress

from deploy.demo.actors import Actors
from deploy.demo.people import Family
from shared import clock

T = TypeVar("T")
#: Requests under way at once: what a few dozen officers do at a busy hour.
_AT_ONCE = 16


@dataclass
class Story:
    """The story so far."""

    actors: Actors
    out: Path
    progress: Progress
    random: Random
    families: dict[str, Family] = field(default_factory=dict)
    #: Household number to what the registry lists of it.
    households: dict[str, dict[str, Any]] = field(default_factory=dict)
    towns: dict[str, str] = field(default_factory=dict)
    campaign: dict[str, Any] = field(default_factory=dict)
    #: Lines of the household files: sent, accepted, rejected.
    lines: dict[str, int] = field(default_factory=dict)
    import_rejects: dict[str, int] = field(default_factory=dict)
    comparisons: dict[str, dict[str, int]] = field(default_factory=dict)
    reports: list[str] = field(default_factory=list)
    #: What could only be checked on its day.
    checks: dict[str, bool] = field(default_factory=dict)

    def drawn(self, many: Sequence[T], how_many: int) -> list[T]:
        """Draw some of many, the same ones in every run with the same seed."""
        return self.random.sample(list(many), min(how_many, len(many)))

    async def each(self, title: str, many: Iterable[T], act: Callable[[T], Awaitable[Any]]) -> list[Any]:
        """Do something for each of many, several at once, with a progress bar; returns the results in order."""
        items = list(many)
        task = self.progress.add_task(title, total=len(items))
        gate = asyncio.Semaphore(_AT_ONCE)

        async def one(item: T) -> Any:
            async with gate:
                result = await act(item)
                self.progress.advance(task)
                return result

        return await asyncio.gather(*(one(item) for item in items))


def rehearse(day: date, hour: int = 9) -> None:
    """Let it be that day, for every process of the house."""
    moment = datetime(day.year, day.month, day.day, hour, tzinfo=clock.CHINA)
    if moment < clock.now():
        # Histories and figures "as of" a day would tell of things that had not happened yet.
        message = f"the story has come further than {moment}"
        raise ValueError(message)
    clock.rehearse(moment)
