"""A scan for duplicates of the whole registry, beside the least one could ask: a statement a person for exact equals.

Seven keys a person and a verdict on each pair, against one look into an index: a tenth of its rate is the goal.
"""

from __future__ import annotations

import time

import asyncpg

from deploy.bench.harness import Goal, Measured, alternate
from deploy.bench.size import Size
from deploy.bench.stage import COUNTY, Stage
from deploy.local.events import settle

_RUNS = 2
#: People whom the yardstick asks about; its figure is a rate.
_ASKED = 10_000
_PEOPLE = "SELECT id, name, birth_date FROM member WHERE left_on IS NULL"
_EQUALS = "SELECT id FROM member WHERE name = $1 AND birth_date = $2 AND id <> $3 AND left_on IS NULL"


async def measure_scan(stage: Stage, size: Size) -> Measured:
    """Scan everybody, through the gateway to the finished job; the figure of both sides is people a second."""
    await stage.take_in(stage.families.draw(size.imported).content)
    # The registry looks at its own news meanwhile: what it does then belongs to neither side.
    await settle(stage.installation)
    registry = await asyncpg.connect(stage.database("fangfan_household"))
    try:
        # Both sides read tables whose statistics are known.
        await registry.execute("VACUUM ANALYZE")
        people = await registry.fetch(_PEOPLE)
        asked = await registry.prepare(_EQUALS)

        async def ours() -> float:
            started = time.perf_counter()
            answer = await stage.caller.send("POST", "/duplicates/scan", json={"division": COUNTY})
            await stage.caller.job(answer.headers["location"])
            return len(people) / (time.perf_counter() - started)

        async def theirs() -> float:
            started = time.perf_counter()
            for member_id, name, born in people[:_ASKED]:
                await asked.fetch(name, born, member_id)
            return min(len(people), _ASKED) / (time.perf_counter() - started)

        pairs = await alternate(ours, theirs, runs=min(size.runs, _RUNS))
    finally:
        await registry.close()
    data = (
        f"{len(people)} people, all looked at; theirs finds the same name and birth date by index, "
        "as superuser and without weighing anything"
    )
    return pairs.measured("duplicates", Goal(0.1), unit="people/s", data=data)
