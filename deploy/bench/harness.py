"""The arithmetic of a comparison: alternating runs, the median of their ratios, and how far they lie apart.

Machines are shared and noisy, so no figure here stands alone: each of our runs has a run of the yardstick
right beside it, and what is kept is the ratio of the two.
"""

from __future__ import annotations

import os
import platform
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict, dataclass, field
from statistics import median
from typing import Any

import psutil

#: One run: returns its figure, such as requests a second.
Run = Callable[[], Awaitable[float]]


@dataclass(frozen=True)
class Goal:
    """What a ratio must reach: at least a figure, or at most."""

    figure: float
    at_most: bool = False

    def met_by(self, ratio: float) -> bool:
        """Tell whether a ratio is good enough; nothing is rounded in its favour."""
        return ratio <= self.figure if self.at_most else ratio >= self.figure

    def reached_by(self, ratio: float) -> float:
        """Return how much of the goal a ratio reaches: 1 is the goal itself."""
        return self.figure / ratio if self.at_most else ratio / self.figure

    def __str__(self) -> str:
        return f"{'≤' if self.at_most else '≥'} {self.figure:g}"


@dataclass(frozen=True)
class Measured:
    """What one benchmark found."""

    name: str
    #: The figure that the goal bounds.
    ratio: float
    goal: Goal
    ours: float
    yardstick: float
    unit: str
    runs: int
    #: Largest minus smallest ratio of the runs, as a part of the median.
    spread: float
    data: str
    #: Further figures and yardsticks, by name.
    others: dict[str, float] = field(default_factory=dict)

    @property
    def family(self) -> str:
        """The benchmark that this is a figure of: ``events`` of ``events.relay``."""
        return self.name.partition(".")[0]

    @property
    def met(self) -> bool:
        """Tell whether the goal is reached."""
        return self.goal.met_by(self.ratio)

    def as_json(self) -> dict[str, Any]:
        """Return what ``--json`` writes."""
        plain = asdict(self) | {"goal": self.goal.figure, "met": self.met, "machine": machine()}
        return {name: _rounded(value) for name, value in plain.items()}


@dataclass(frozen=True)
class Pairs:
    """Figures of alternating runs."""

    ours: Sequence[float]
    yardstick: Sequence[float]

    @property
    def ratios(self) -> list[float]:
        """Each of our runs over the yardstick's run beside it."""
        return [mine / theirs for mine, theirs in zip(self.ours, self.yardstick, strict=True)]

    def measured(
        self,
        name: str,
        goal: Goal,
        *,
        unit: str,
        data: str,
        others: dict[str, float] | None = None,
        by: Callable[[float, float], float] = lambda mine, theirs: mine / theirs,
    ) -> Measured:
        """Return the median of what ``by`` makes of each pair (their ratio, unless told otherwise)."""
        figures = [by(*pair) for pair in zip(self.ours, self.yardstick, strict=True)]
        ratio = median(figures)
        return Measured(
            name=name,
            ratio=ratio,
            goal=goal,
            ours=median(self.ours),
            yardstick=median(self.yardstick),
            unit=unit,
            runs=len(figures),
            spread=(max(figures) - min(figures)) / abs(ratio) if ratio else 0.0,
            data=data,
            others=others or {},
        )


async def alternate(ours: Run, yardstick: Run, *, runs: int) -> Pairs:
    """Run both in turn; who begins changes from pair to pair, so that neither always finds the other's heat."""
    mine: list[float] = []
    theirs: list[float] = []
    for number in range(runs):
        steps = [(ours, mine), (yardstick, theirs)]
        for run, figures in reversed(steps) if number % 2 else steps:
            figures.append(await run())
    return Pairs(mine, theirs)


def machine() -> str:
    """Say what this ran on, in a line without a name of the host."""
    memory = psutil.virtual_memory().total / 1024**3
    return (
        f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, {memory:.0f} GiB, "
        f"Python {platform.python_version()}"
    )


def _rounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _rounded(each) for name, each in value.items()}
    return round(value, 4) if isinstance(value, float) else value
