"""What breaks: drawn from a seed, so that a run that found something can be run again."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from random import Random

import asyncpg

from deploy.catalog import NAMES
from deploy.local.house import ManyProcesses
from deploy.local.installation import Installation
from deploy.local.postgres import EmbeddedPostgres
from deploy.local.rabbitmq import PrivateRabbitMQ

#: Seconds that a fault lasts, where it is not over at once.
_DOWN = (0.5, 2.0)
_HELD_UP = (2.0, 4.0)
_BETWEEN = (0.2, 1.0)
_CUT = """
    SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = $1 AND pid <> pg_backend_pid()
"""


@dataclass(frozen=True)
class Fault:
    """One thing that breaks, and how it is broken and mended."""

    kind: str
    target: str
    strike: Callable[[], Awaitable[None]]


@dataclass
class Breaker:
    """Breaks one thing after the other."""

    installation: Installation
    house: ManyProcesses
    random: Random
    say: Callable[[str], object]
    struck: Counter[str] = field(default_factory=Counter)

    async def round(self) -> None:
        """Break everything once, in an order and at moments drawn from the seed."""
        faults = self._all()
        self.random.shuffle(faults)
        started = time.perf_counter()
        for fault in faults:
            await asyncio.sleep(self.random.uniform(*_BETWEEN))
            self.say(f"[dim]{time.perf_counter() - started:5.1f} s[/]  {fault.kind} {fault.target}")
            await fault.strike()
            self.struck[fault.kind] += 1

    def _all(self) -> list[Fault]:
        both = [(name, kind) for name in NAMES for kind in ("api", "worker")]
        killed = [Fault("kill -9", f"{name} {kind}", self._killing(name, kind)) for name, kind in both]
        held = self.random.sample(NAMES, 2)
        return [
            *killed,
            *(Fault("hold up", f"{name} worker", self._holding_up(name)) for name in held),
            *(Fault("cut connections", name, self._cutting(name)) for name in NAMES),
            Fault("kill -9", "RabbitMQ", lambda: self._down(self._rabbitmq.kill, self._rabbitmq.start)),
            Fault("restart", "RabbitMQ", lambda: self._down(self._rabbitmq.stop, self._rabbitmq.start)),
            Fault("kill -9", "PostgreSQL", lambda: self._down(self._postgres.kill, self._postgres.start)),
            Fault("restart", "PostgreSQL", lambda: self._down(self._postgres.stop, self._postgres.start)),
        ]

    def _killing(self, name: str, kind: str) -> Callable[[], Awaitable[None]]:
        async def strike() -> None:
            # Where it has just died of something else, it is being started again.
            with suppress(ProcessLookupError):
                self.house.kill(name, kind)

        return strike

    def _holding_up(self, name: str) -> Callable[[], Awaitable[None]]:
        """Stop a worker without ending it: its outbox fills, and it still holds its locks and deliveries."""

        async def strike() -> None:
            with self.house.held_up(name, "worker"):
                await asyncio.sleep(self.random.uniform(*_HELD_UP))

        return strike

    def _cutting(self, name: str) -> Callable[[], Awaitable[None]]:
        async def strike() -> None:
            admin = await asyncpg.connect(self._postgres.admin_url)
            try:
                await admin.fetchval(_CUT, f"fangfan_{name}")
            finally:
                await admin.close()

        return strike

    async def _down(self, break_it: Callable[[], None], mend_it: Callable[[], None]) -> None:
        await asyncio.to_thread(break_it)
        await asyncio.sleep(self.random.uniform(*_DOWN))
        await asyncio.to_thread(mend_it)

    @property
    def _postgres(self) -> EmbeddedPostgres:
        return self.installation.postgres

    @property
    def _rabbitmq(self) -> PrivateRabbitMQ:
        if self.installation.rabbitmq is None:
            raise TypeError("chaos needs a broker: memory:// has none")
        return self.installation.rabbitmq
