"""What a job is, and what its handler holds while it runs."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from uuid import UUID

import orjson
from sqlalchemy import text

from shared.identity.principal import system

if TYPE_CHECKING:
    from shared.assembly import Runtime
    from shared.database import Database

#: How often progress is written, at most.
_PROGRESS_SECONDS = 0.3
_PROGRESS = text("UPDATE job SET done = :done, total = :total, unit = :unit WHERE id = :id")
_SAVE = text("UPDATE job SET checkpoint = checkpoint || CAST(:values AS jsonb) WHERE id = :id")


@dataclass
class JobRun:
    """One attempt at a job. Its handler works in stages that may be repeated: a killed process comes back to the last
    checkpoint, not to the last line.
    """

    id: UUID
    payload: dict[str, Any]
    #: What earlier attempts saved.
    checkpoint: dict[str, Any]
    #: Who asked for it, as shown in histories.
    requested_by: str
    runtime: Runtime
    _written_at: float = field(default=0.0, repr=False)

    @property
    def database(self) -> Database:
        """The service's database."""
        return self.runtime.database

    async def progress(self, done: int, total: int | None = None, unit: str = "") -> None:
        """Tell how far it is; may be called often."""
        now = time.monotonic()
        if done != total and now - self._written_at < _PROGRESS_SECONDS:
            return
        self._written_at = now
        values = {"id": self.id, "done": done, "total": total, "unit": unit}
        async with self.database.writing(system(self.database.service)) as db:
            await db.execute(_PROGRESS, values)

    async def save(self, **values: Any) -> None:
        """Remember that a stage is done."""
        self.checkpoint |= values
        async with self.database.writing(system(self.database.service)) as db:
            await db.execute(_SAVE, {"id": self.id, "values": orjson.dumps(values).decode()})


Handler = Callable[[JobRun], Awaitable[dict[str, Any]]]


@dataclass(frozen=True)
class Job:
    """A kind of queued work. The handler returns the job's result as JSON, or raises a ``Refusal`` to fail for good."""

    #: ``<service>.<what>``.
    name: str
    handler: Handler
    #: Any other exception is tried again, so often.
    max_attempts: int = 5
    #: How many of this kind run at once.
    concurrency: int = 1


@dataclass(frozen=True)
class Schedule:
    """Work at set times."""

    #: ``<service>.<what>``.
    name: str
    #: Five cron fields, in UTC.
    cron: str
    handler: Callable[[Runtime], Awaitable[None]]
