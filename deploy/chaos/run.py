"""``fangfan chaos``: a house under load, everything that can break breaking, and the count at the end."""

from __future__ import annotations

import asyncio
import json
import os
import time
from contextlib import AsyncExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from random import Random
from typing import Any

from rich.console import Console
from rich.table import Table

from deploy.bench.stage import (
    COUNTY,
    ROLES,
    enter_divisions,
    open_campaign,
    scratch_folder,
    villages_of_county,
)
from deploy.chaos.clerks import Clerks
from deploy.chaos.faults import Breaker
from deploy.chaos.subscriber import Subscriber, subscribed
from deploy.chaos.truth import Count, Truth
from deploy.clients import register
from deploy.demo.client import Caller
from deploy.local.events import settle
from deploy.local.house import ManyProcesses
from deploy.local.installation import installed
from deploy.local.processes import free_port

#: A small queue list that RabbitMQ has not written yet is lost with a node that is killed.
_LET_THE_BROKER_WRITE = 2.0
_CLERKS = 12
_IMPORTED = 500
_VILLAGES = 20
_CATCH_UP_SECONDS = 60.0
_REHEARSAL = {"FANGFAN_GATEWAY_ALLOW_PRIVATE_WEBHOOKS": "true", "FANGFAN_LOG_LEVEL": "WARNING"}
_UNFINISHED = "SELECT count(*) FROM job WHERE state IN ('queued', 'running')"
#: A failed job without a reason would be one that nobody can put right.
_FAILED_SILENTLY = "SELECT count(*) FROM job WHERE state = 'failed' AND coalesce(error::text, '') = ''"


@dataclass(frozen=True)
class Report:
    """What broke, what was done, and what of it is not as it must be."""

    size: str
    seed: int
    faults: int
    by_kind: dict[str, int]
    commands: int
    acknowledged: int
    attempts: int
    lost: int
    doubled: int
    diverged: int
    by_projection: dict[str, int]
    events: int
    events_lost: int
    events_disordered: int
    #: Events that a reader could not handle at once, by the log; each is handled again after a delay, out of order.
    events_postponed: int
    dead: int
    outbox: int
    jobs_unfinished: int
    jobs_failed_silently: int
    webhook_missing: int
    webhook_disordered: int
    seconds: float

    @property
    def well(self) -> bool:
        """Tell whether everything is as it must be."""
        wrong = (self.lost, self.doubled, self.diverged, self.events_lost, self.events_disordered)
        jobs = (self.jobs_unfinished, self.jobs_failed_silently, self.dead, self.outbox)
        return not any((*wrong, *jobs, self.webhook_missing, self.webhook_disordered))


async def chaos(size: str, seed: int, console: Console) -> Report:
    """Run it: ``small`` breaks everything once, ``standard`` four times."""
    started = time.perf_counter()
    async with AsyncExitStack() as stack:
        folder = stack.enter_context(scratch_folder())
        installation = await stack.enter_async_context(installed(folder / "house", bus="amqp"))
        installation.environment |= _REHEARSAL
        os.environ.update(installation.environment)
        house = await stack.enter_async_context(ManyProcesses(installation.environment, folder / "logs"))
        secret = await register("chaos", "演练", ROLES, [COUNTY])
        caller = await stack.enter_async_context(Caller(installation.public_url, "chaos", secret))
        subscriber = await stack.enter_async_context(subscribed(free_port()))
        await enter_divisions(caller)
        campaign = await open_campaign(caller)
        await settle(installation)
        truth = Truth(installation)
        before = await truth.number_of_events()
        await caller.post("/webhooks", {"url": subscriber.url})
        clerks = Clerks(installation.public_url, caller.token, villages_of_county()[:_VILLAGES], campaign)
        breaker = Breaker(installation, house, Random(seed), console.print)
        await _play(clerks, breaker, rounds=1 if size == "small" else 4)
        console.print("waiting until nothing is under way …")
        await house.ready()
        await settle(installation)
        await _caught_up(truth, subscriber, before)
        return await _count(
            truth,
            clerks,
            breaker,
            subscriber,
            size=size,
            seed=seed,
            before=before,
            postponed=_postponed(folder / "logs"),
            started=started,
        )


async def _play(clerks: Clerks, breaker: Breaker, *, rounds: int) -> None:
    """Let the clerks work while everything breaks."""
    await asyncio.sleep(_LET_THE_BROKER_WRITE)
    async with asyncio.TaskGroup() as group:
        group.create_task(clerks.work(_CLERKS))
        for _ in range(rounds):
            sending = group.create_task(clerks.import_file(_IMPORTED))
            await breaker.round()
            await sending
        clerks.close()


async def _caught_up(truth: Truth, subscriber: Subscriber, before: int) -> None:
    """Wait until the subscriber has what it is owed, or long enough."""
    deadline = time.monotonic() + _CATCH_UP_SECONDS
    while await _missing(truth, subscriber, before) and time.monotonic() < deadline:
        await asyncio.sleep(1)


async def _missing(truth: Truth, subscriber: Subscriber, before: int) -> int:
    return len(set(await truth.feed(before)) - subscriber.ids.keys())


async def _count(
    truth: Truth,
    clerks: Clerks,
    breaker: Breaker,
    subscriber: Subscriber,
    *,
    size: str,
    seed: int,
    before: int,
    postponed: int,
    started: float,
) -> Report:
    acknowledged = clerks.acknowledged
    commands, events = await truth.commands(acknowledged), await truth.events()
    imported: Count = await truth.imports(acknowledged)
    by_projection = await truth.diverged()
    return Report(
        size=size,
        seed=seed,
        faults=breaker.struck.total(),
        by_kind=dict(breaker.struck),
        commands=acknowledged.sent,
        acknowledged=acknowledged.commands,
        attempts=acknowledged.attempts,
        lost=commands.lost + imported.lost,
        doubled=commands.doubled + imported.doubled + events.doubled,
        diverged=sum(by_projection.values()),
        by_projection=by_projection,
        events=await truth.number_of_events(),
        events_lost=events.lost,
        events_disordered=await truth.disordered(),
        events_postponed=postponed,
        dead=await truth.everywhere("SELECT count(*) FROM dead_event"),
        outbox=await truth.everywhere("SELECT count(*) FROM outbox"),
        jobs_unfinished=await truth.everywhere(_UNFINISHED),
        jobs_failed_silently=await truth.everywhere(_FAILED_SILENTLY),
        webhook_missing=await _missing(truth, subscriber, before),
        webhook_disordered=subscriber.disordered,
        seconds=round(time.perf_counter() - started, 1),
    )


def _postponed(logs: Path) -> int:
    return sum(file.read_bytes().count(b'"event":"event.failed"') for file in logs.glob("*-worker.log"))


def tell(report: Report, console: Console, file: Path | None) -> None:
    """Show the figures, and write them as JSON."""
    table = Table(title="演练小结 Chaos", show_header=False)
    plain: dict[str, Any] = asdict(report)
    for name, value in plain.items():
        shown = (
            ", ".join(f"{key}: {each}" for key, each in value.items()) if isinstance(value, dict) else value
        )
        table.add_row(name.replace("_", " "), str(shown))
    console.print(table)
    console.print("[green]everything is there, once[/]" if report.well else "[red]something is wrong[/]")
    if file:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(plain, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
