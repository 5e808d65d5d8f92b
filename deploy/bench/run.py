"""``fangfan bench``: which measurements there are, and how their results are told."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from deploy.bench.bulk import measure_import
from deploy.bench.comparison import measure_comparison
from deploy.bench.duplicates import measure_scan
from deploy.bench.events import measure_events
from deploy.bench.growth import measure_growth
from deploy.bench.harness import Measured, machine
from deploy.bench.requests import measure_command, measure_gateway, measure_list, measure_read
from deploy.bench.size import FULL, QUICK, Size
from deploy.bench.stage import Stage, staged

#: Those that play on a whole house.
IN_THE_HOUSE: dict[str, Callable[[Stage, Size], Awaitable[Measured | list[Measured]]]] = {
    "read": measure_read,
    "list": measure_list,
    "command": measure_command,
    "gateway": measure_gateway,
    "import": measure_import,
    "duplicates": measure_scan,
    "comparison": measure_comparison,
    "growth": measure_growth,
}
NAMES = (*IN_THE_HOUSE, "events")


async def bench(names: Sequence[str], console: Console, *, imported: int | None = None) -> list[Measured]:
    """Measure those named, one after the other; without names all of them, quickly."""
    if unknown := [name for name in names if name not in NAMES]:
        raise SystemExit(f"no such benchmark: {', '.join(unknown)}; there are {', '.join(NAMES)}")
    size = FULL if names else QUICK
    size = replace(size, imported=imported or size.imported)
    results: list[Measured] = []
    if wanted := [name for name in IN_THE_HOUSE if name in (names or NAMES)]:
        console.print(f"{machine()}; starting the house …")
        async with staged(size.households) as stage:
            for name in wanted:
                measured = await IN_THE_HOUSE[name](stage, size)
                parts = measured if isinstance(measured, list) else [measured]
                results += parts
                for part in parts:
                    console.print(_line(part))
    if "events" in (names or NAMES):
        parts = await measure_events(size)
        results += parts
        for part in parts:
            console.print(_line(part))
    return results


def tell(results: Sequence[Measured], console: Console, file: Path | None) -> None:
    """Show the figures, and write them as JSON: one object, or a list where there are several.

    A benchmark of several figures is one object too: that of the figure furthest from its goal, with all as ``parts``.
    """
    table = Table(title=machine())
    for heading in ("benchmark", "figure", "goal", "", "ours", "yardstick"):
        table.add_column(heading, no_wrap=True)
    table.add_column("unit")
    table.add_column("spread")
    for each in results:
        table.add_row(
            each.name,
            f"{each.ratio:.2f}",
            str(each.goal),
            "[green]met[/]" if each.met else "[red]missed[/]",
            f"{each.ours:,.1f}",
            f"{each.yardstick:,.1f}",
            each.unit,
            f"±{each.spread / 2:.0%} of {each.runs}",
        )
    console.print(table)
    for each in results:
        others = "; ".join(f"{name}: {value:,.1f}" for name, value in each.others.items())
        console.print(f"{each.name}: {each.data}" + (f" ({others})" if others else ""), highlight=False)
    if file:
        written = [together(name, list(parts)) for name, parts in groupby(results, lambda each: each.family)]
        file.parent.mkdir(parents=True, exist_ok=True)
        content = written[0] if len(written) == 1 else written
        file.write_text(json.dumps(content, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def together(name: str, parts: list[Measured]) -> dict[str, Any]:
    """Return a benchmark as JSON: its one figure, or all of them below the one furthest from its goal."""
    if len(parts) == 1:
        return parts[0].as_json()
    worst = min(parts, key=lambda part: part.goal.reached_by(part.ratio))
    return worst.as_json() | {
        "name": name,
        "met": all(part.met for part in parts),
        "parts": [part.as_json() for part in parts],
    }


def _line(result: Measured) -> str:
    return f"{result.name}: {result.ratio:.2f} (goal {result.goal}) {'met' if result.met else 'missed'}"
