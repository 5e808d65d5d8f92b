"""A bulk load: a file of households from its upload to the finished job, beside COPY of the rows that came of it."""

from __future__ import annotations

import time

import asyncpg

from deploy.bench.harness import Goal, Measured, Pairs
from deploy.bench.size import Size
from deploy.bench.stage import Stage
from deploy.bench.twin import copy_in, copy_out, create_database, make_twin
from deploy.local.events import settle

_RUNS = 3
#: What an import writes besides its books: the rows themselves, in tables with all their indexes.
_TABLES = {
    "household": "SELECT * FROM household WHERE number = ANY('{{{numbers}}}')",
    "member": (
        "SELECT * FROM member WHERE household_id IN "
        "(SELECT id FROM household WHERE number = ANY('{{{numbers}}}'))"
    ),
    "person_number": (
        "SELECT * FROM person_number WHERE household_id IN "
        "(SELECT id FROM household WHERE number = ANY('{{{numbers}}}'))"
    ),
}


async def measure_import(stage: Stage, size: Size) -> Measured:
    """Take in files of new households; the figure of both sides is rows a second, so the ratio is one of times."""
    source = await asyncpg.connect(stage.database("fangfan_household"))
    target = await asyncpg.connect(await create_database(stage.admin_url, "bare_bulk"))
    ours, theirs, people = [], [], 0
    try:
        await make_twin(source, target, list(_TABLES))
        for _ in range(min(size.runs, _RUNS)):
            drawn = stage.families.draw(size.imported)
            people = drawn.people
            started = time.perf_counter()
            result = await stage.take_in(drawn.content)
            ours.append(people / (time.perf_counter() - started))
            if result["accepted"] != people:
                raise RuntimeError(
                    f"{people} people sent, {result['accepted']} accepted: {result['by_code']}"
                )
            # The readers of its events belong to no side of the comparison.
            await settle(stage.installation)
            theirs.append(people / await _copied(source, target, ",".join(drawn.numbers)))
    finally:
        await source.close()
        await target.close()
    data = (
        f"CSV of {size.imported} households with {people} people, all new; theirs is COPY of the same rows, "
        "ready-made, into the same indexed tables"
    )
    return Pairs(ours, theirs).measured("import", Goal(0.4), unit="people/s", data=data)


async def _copied(source: asyncpg.Connection, target: asyncpg.Connection, numbers: str) -> float:
    rows = {table: await copy_out(source, query.format(numbers=numbers)) for table, query in _TABLES.items()}
    started = time.perf_counter()
    async with target.transaction():
        for table, content in rows.items():
            await copy_in(target, table, content)
    return time.perf_counter() - started
