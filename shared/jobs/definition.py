"""What a job is, and what its handler holds while it runs."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
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
#: How often a job gives way, and how long it leaves its place to those that wait.
_MOST_GIVEN_WAY, _GIVEN = 10, timedelta(seconds=2)
_PROGRESS = text("UPDATE job SET done = :done, total = :total, unit = :unit WHERE id = :id")
_SAVE = text("UPDATE job SET checkpoint = checkpoint || CAST(:values AS jsonb) WHERE id = :id")


class Interrupted(Exception):  # noqa: N818 - named for what happened, as refusals are
    """The job goes on from its checkpoint in another run: in the next process, or when others have had their turn."""

    def __init__(self, again_in: timedelta = timedelta(0)) -> None:
        super().__init__()
        self.again_in = again_in


@dataclass
class JobRun:
    """One run of a job.

    Its handler works in stages that may be repeated: a killed process comes back to the last checkpoint, not to
    the last line.
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
        """Tell how far it is; may be called often. Seen at once, since it is no part of a stage's transaction."""
        now = time.monotonic()
        if done != total and now - self._written_at < _PROGRESS_SECONDS:
            return
        self._written_at = now
        values = {"id": self.id, "done": done, "total": total, "unit": unit}
        async with self.database.writing(system(self.database.service)) as db:
            await db.execute(_PROGRESS, values)

    async def save(self, **values: Any) -> None:
        """Remember that a stage is done: outside its transaction, for a stopping process lets go of the job here."""
        self.checkpoint |= values
        async with self.database.writing(system(self.database.service)) as db:
            await db.execute(_SAVE, {"id": self.id, "values": orjson.dumps(values, default=str).decode()})
        self.let_go_if_asked()

    def let_go_if_asked(self) -> None:
        """Stop here if the process is to stop: for stages whose own transaction remembers that they are done."""
        if self.runtime.draining:
            raise Interrupted

    async def give_way(self) -> None:
        """Let jobs that wait go first, and go on after them; only so often, or it would never end."""
        times = self.checkpoint.get("gave_way", 0)
        if times < _MOST_GIVEN_WAY:
            await self.save(gave_way=times + 1)
            raise Interrupted(_GIVEN)


Handler = Callable[[JobRun], Awaitable[dict[str, Any]]]


@dataclass(frozen=True)
class Job:
    """A kind of queued work. The handler returns the job's result as JSON, or raises a ``Refusal`` to fail for good."""

    #: ``<service>.<what>``.
    name: str
    handler: Handler
    #: Any other exception is tried again, until it was raised so often.
    max_attempts: int = 5
    #: How many of this kind run at once.
    concurrency: int = 1


@dataclass(frozen=True)
class Schedule:
    """Work at set times. What a crash interrupts runs again at the next start; a failure waits for the next time."""

    #: ``<service>.<what>``.
    name: str
    #: Five cron fields, in UTC of the real clock, or six with seconds last.
    cron: str
    handler: Callable[[Runtime], Awaitable[None]]
    #: In a rehearsal, too: what only keeps the house. Whatever acts on business days would act there at moments of the
    #: real clock, which mean nothing in the story and differ from one telling to the next.
    in_rehearsals: bool = False
