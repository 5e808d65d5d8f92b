"""What a comparison does to the rest: how its time grows with its rows, and what becomes of the API beside it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from statistics import median

from deploy.bench.comparison import MEGABYTE, PERIOD, MemoryWatch, Office, office_on
from deploy.bench.harness import Goal, Measured, Pairs
from deploy.bench.load import Load, Outcome, in_own_process
from deploy.bench.size import Size
from deploy.bench.stage import Stage

_RUNS = 3
_TIMES = 4
#: Requests that somebody makes while a department's file is compared.
_AT_ONCE, _SECONDS = 2, 3.0


async def measure_growth(stage: Stage, size: Size) -> list[Measured]:
    """Compare four times as many rows; ask the API meanwhile; send a large file and look at the API's memory."""
    async with office_on(stage, size.persons) as office:
        runs = min(size.runs, _RUNS)
        return [
            await _rows(office, size, runs),
            await _latency(office, size, runs),
            await _memory(office, size),
        ]


async def _rows(office: Office, size: Size, runs: int) -> Measured:
    few, many = list[float](), list[float]()
    with MemoryWatch(office.stage) as memory:
        for _ in range(runs):
            for times, rows in ((few, size.compared), (many, _TIMES * size.compared)):
                seconds, figures = await office.compare(office.file(rows))
                times.append(seconds)
                await office.withdraw(figures)
    return Pairs(many, few).measured(
        "growth.rows",
        Goal(4.4, at_most=True),
        unit="s",
        data=f"comparisons of {_TIMES * size.compared:,} and of {size.compared:,} rows",
        others={"peak MB of the bulk process": memory.peak},
    )


async def _latency(office: Office, size: Size, runs: int) -> Measured:
    idle, beside = list[float](), list[float]()
    for _ in range(runs):
        idle.append((await _asked(office)).p50_ms)
        comparing = asyncio.create_task(office.compare(office.file(_TIMES * size.compared)))
        medians = list[float]()
        while not comparing.done():
            medians.append((await _asked(office)).p50_ms)
        await office.withdraw((await comparing)[1])
        # The last look may have gone on after the comparison's end.
        beside.append(median(medians[:-1] or medians))
    return Pairs(beside, idle).measured(
        "growth.p50",
        Goal(1.3, at_most=True),
        unit="ms",
        data=f"GET of a household through the gateway, {_AT_ONCE} at once, beside a comparison and without",
    )


async def _asked(office: Office) -> Outcome:
    stage = office.stage
    paths = [f"/api/v1/households/{key}" for key in stage.households[:200]]
    load = Load(stage.installation.public_url, paths, _SECONDS, _AT_ONCE, headers=stage.authorization)
    return await in_own_process(load)


async def _memory(office: Office, size: Size) -> Measured:
    """Send zeros that are no table, after a header that is one: only the way to the spool is of interest."""
    with MemoryWatch(office.stage) as memory:
        answer = await office.caller.send(
            "POST",
            "/comparisons/medical_expense",
            params={"period": PERIOD},
            content=_endless(size.uploaded_mb),
            headers={"X-Filename": "large.csv"},
        )
    if answer.status_code != 202:  # noqa: PLR2004 - accepted
        raise RuntimeError(answer.text)
    grown = max(memory.api_peak - memory.api_before, 0.01)
    return Pairs([grown], [1.0]).measured(
        "growth.memory",
        Goal(64, at_most=True),
        unit="MB",
        data=f"growth of the API's process while {size.uploaded_mb} MB are uploaded",
        others={"MB before": memory.api_before},
    )


async def _endless(megabytes: int) -> AsyncIterator[bytes]:
    yield "甲,乙\n".encode()
    chunk = b"1,2\n" * (MEGABYTE // 4)
    for _ in range(megabytes):
        yield chunk
