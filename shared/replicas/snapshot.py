"""A snapshot: the present states of all that a service owns and others keep, in one file, as of one moment.

Gzipped lines of JSON: who tells and when, then events as the bus carries them, kind by kind in the order of their
subjects, and at last how many there were of each kind. It holds names of people (identity numbers only as blind
indexes): whoever wrote it may read it, and nobody else.
"""

from __future__ import annotations

import gzip
import os
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby, islice, pairwise
from pathlib import Path
from typing import IO, Any

import orjson
from pydantic import ValidationError
from sqlalchemy import text

from shared.contracts.envelope import BATCH_LIMIT, Contract, Event, parse_event
from shared.crypto import fields
from shared.database import Database, Reader
from shared.identity.principal import system
from shared.keys import uuid7

#: States in the order of subjects, each with the moment since which it is so.
Told = Sequence[tuple[Contract, datetime]]
#: By the event that carries a kind of state: what yields all there is of it, set by set.
Tellers = dict[type[Contract], Callable[[Reader], AsyncIterator[Told]]]

_FAST = 1
_MARK = "fangfan snapshot"


class BadSnapshot(ValueError):  # noqa: N818 - named for what is so, as refusals are
    """The file is no snapshot, or not a whole one; the message says what is wrong."""


@dataclass(frozen=True)
class Snapshot:
    """What the first line of a file says."""

    service: str
    #: By the clock of the owner's database.
    taken_at: datetime


async def write_snapshot(database: Database, tellers: Tellers, path: Path) -> dict[str, int]:
    """Write a snapshot while the service goes on; returns how many states there are of each kind.

    The file bears its name once it is whole.
    """
    told: dict[str, int] = {}
    unfinished = path.with_name(f".{path.name}.part")
    with _private(unfinished) as file, gzip.open(file, "wb", compresslevel=_FAST) as lines:
        async with database.at_one_moment(system(database.service)) as db:
            # Before the first question, whose moment is what everything is as of.
            taken_at: datetime = await db.scalar(text("SELECT now()"))
            head = {"snapshot": database.service, "taken_at": taken_at, "keys": _keys()}
            lines.write(orjson.dumps(head, option=orjson.OPT_APPEND_NEWLINE))
            for kind, tell in tellers.items():
                told[kind.event_type] = 0
                async for states in tell(db):
                    told[kind.event_type] += len(states)
                    lines.writelines(_line(database.service, *state) for state in states)
            lines.write(orjson.dumps({"told": told}, option=orjson.OPT_APPEND_NEWLINE))
    unfinished.replace(path)
    return told


class SnapshotFile:
    """A snapshot being read: its head, then sets of events, then what the last line says."""

    def __init__(self, lines: IO[bytes]) -> None:
        self._lines = _whole_lines(lines)
        head = next(self._lines, {})
        if not {"snapshot", "taken_at", "keys"} <= head.keys():
            raise BadSnapshot("this is no snapshot")
        if head["keys"] != _keys():
            raise BadSnapshot("it was written with another key ring: nobody would be found by its indexes")
        self.head = Snapshot(head["snapshot"], datetime.fromisoformat(head["taken_at"]))
        #: Of each kind, how many there were; known once all has been read.
        self.told: dict[str, int] | None = None

    def sets(self) -> Iterator[list[Event[Contract]]]:
        """Yield neighbouring events of one kind, some hundreds at a time; refuse a file that ends too early."""
        read: dict[str, int] = {}
        last: dict[str, str] = {}
        for kind, run in groupby(self._events(), key=lambda event: event.type):
            while events := list(islice(run, BATCH_LIMIT)):
                subjects = [last.get(kind, ""), *(event.subject for event in events)]
                if any(one >= other for one, other in pairwise(subjects)):
                    raise BadSnapshot(f"{kind} are not in order")
                last[kind] = subjects[-1]
                read[kind] = read.get(kind, 0) + len(events)
                yield events
        if self.told is None or read != {kind: count for kind, count in self.told.items() if count}:
            raise BadSnapshot("it is not whole")

    def _events(self) -> Iterator[Event[Contract]]:
        for raw in self._lines:
            if "told" in raw:
                self.told = raw["told"]
                return
            try:
                event = parse_event(raw)
            except ValidationError as error:
                raise BadSnapshot(f"{raw.get('type')}: {error.errors()[0]['msg']}") from None
            # A kind that this program does not know yet is not what it keeps.
            if event is not None:
                yield event


@contextmanager
def reading_snapshot(path: Path) -> Iterator[SnapshotFile]:
    """Read a snapshot inside the block."""
    with gzip.open(path) as lines:
        yield SnapshotFile(lines)  # type: ignore[arg-type]


def _whole_lines(lines: IO[bytes]) -> Iterator[dict[str, Any]]:
    try:
        for line in lines:
            yield orjson.loads(line)
    except (EOFError, OSError, orjson.JSONDecodeError) as error:
        raise BadSnapshot(f"it cannot be read: {error}") from None


def _line(service: str, state: Contract, since: datetime) -> bytes:
    event = Event[Contract](
        id=uuid7(),
        source=f"fangfan/{service}",
        type=state.event_type,
        subject=state.subject,
        time=since,
        sequence=state.sequence,
        area=state.area,
        data=state,
    )
    return orjson.dumps(
        event.model_dump(mode="json", serialize_as_any=True), option=orjson.OPT_APPEND_NEWLINE
    )


def _keys() -> str:
    """Return what tells whether two key rings find the same people."""
    return fields.ring().blind_index(_MARK, "snapshot").hex()


@contextmanager
def _private(path: Path) -> Iterator[IO[bytes]]:
    """Make a file that only its owner can read, from its first byte on; leave none where writing it fails."""
    path.unlink(missing_ok=True)
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        with suppress(FileNotFoundError):
            path.unlink()
        raise
