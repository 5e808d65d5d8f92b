"""A process that tells of something at a steady rate, by our outbox or by the yardstick's table.

Each event carries the moment before its transaction began, so that what is measured ends where a reader has it and
begins where the command does.
"""

from __future__ import annotations

import asyncio
import sys
import time

import asyncpg
import uvloop

from shared.contracts.household import DivisionChanged
from shared.database import Database
from shared.identity.principal import system

PER_SECOND = 300


def event(number: int) -> DivisionChanged:
    """Return an event that knows when it was told."""
    return DivisionChanged(
        code=f"{number:012d}", name=str(time.time()), level="village", parent_code="340621105000", version=1
    )


async def tell(kind: str, url: str, how_many: int) -> None:
    """Tell ``how_many`` times, each in a transaction of its own."""
    database = Database(url, service="bench")
    pool = await asyncpg.create_pool(url.replace("+asyncpg", ""), min_size=5, max_size=20)

    async def ours(number: int) -> None:
        async with database.writing(system("bench")) as db:
            db.record(event(number))

    async def bare(number: int) -> None:
        body = event(number).model_dump_json().encode()
        await pool.execute("INSERT INTO waiting (body) VALUES ($1)", body)

    act = ours if kind == "ours" else bare
    started, tasks = time.perf_counter(), []
    for number in range(how_many):
        await asyncio.sleep(max(0.0, started + number / PER_SECOND - time.perf_counter()))
        tasks.append(asyncio.create_task(act(number)))
    await asyncio.gather(*tasks)
    await pool.close()
    await database.dispose()


async def in_own_process(kind: str, url: str, how_many: int) -> None:
    """Tell from another process."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", __name__, kind, url, str(how_many), stderr=asyncio.subprocess.PIPE
    )
    _, complained = await process.communicate()
    if process.returncode:
        raise RuntimeError(complained.decode())


if __name__ == "__main__":
    uvloop.run(tell(sys.argv[1], sys.argv[2], int(sys.argv[3])))
