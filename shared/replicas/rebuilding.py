"""Rebuilding a service's replicas from a snapshot of their owner, while both of them go on.

The snapshot is heard as events are, by the same reactions, a few hundred states a transaction, so that what arrives
meanwhile and is newer wins. Two things an event cannot do: overrule a row that claims to be as new, and take away a
row whose aggregate is no more, as after the owner was restored to an earlier moment.

For both, one question decides: was the row last told of *before* the snapshot was taken? Whoever told had committed
by then, so the snapshot knows at least as much; what differs from it is wrong, and what it does not name is no more.
A row that was told of later may be of a household registered since: it is left alone. That is the moment at which
news was heard here, not the one at which an aggregate or its id was made: an import makes ids long before it commits.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, TextClause, Update, bindparam, delete, select, text, update
from sqlmodel import SQLModel

from shared.assembly import Service
from shared.contracts.envelope import Contract, Event
from shared.database import Database, Reader, Writer
from shared.identity.principal import system
from shared.logging import log
from shared.messaging.outage import is_outage
from shared.replicas.replica import Replica, recordset, table_of
from shared.replicas.snapshot import SnapshotFile, reading_snapshot

#: How far the clocks of two database servers may be apart: what was told so shortly before counts as told since.
CLOCKS_DIFFER = timedelta(minutes=1)
_PAUSES = (0.5, 2.0, 10.0)

_log = log(__name__)
Key = str | UUID
#: What is not as the snapshot says, by subject.
_Unlike = Mapping[str, Row[Any]]


@dataclass
class Figures:
    """How a replica stood to the snapshot."""

    #: States in the snapshot.
    told: int = 0
    #: Not in the replica.
    missing: int = 0
    #: In the replica with a lower sequence.
    older: int = 0
    #: In the replica with the same sequence or a higher one, and other facts.
    different: int = 0
    #: In the replica, but not in the snapshot.
    superfluous: int = 0
    #: Otherwise in the replica, and told of since the snapshot: left alone.
    since: int = 0

    @property
    def equal(self) -> bool:
        """Whether the replica said all that the snapshot does, and nothing else."""
        return not (self.missing or self.older or self.different or self.superfluous)

    def count(self, name: str, number: int = 1) -> None:
        """Add to one of the figures."""
        setattr(self, name, getattr(self, name) + number)


NAMES = tuple(each.name for each in fields(Figures))


@dataclass
class _Progress:
    """How far one kind has been compared."""

    replica: Replica[Any]
    figures: Figures = field(default_factory=Figures)
    after: Key | None = None


async def rebuild(
    database: Database,
    service: Service,
    path: Path,
    *,
    write: bool,
    clocks_differ: timedelta = CLOCKS_DIFFER,
) -> dict[str, Figures]:
    """Make a service's replicas what a snapshot says, or only compare; returns figures by kind of state.

    A file that is not whole changes nothing.
    """
    with reading_snapshot(path) as file:
        for _ in file.sets():
            pass
    with reading_snapshot(path) as file:
        before = file.head.taken_at - clocks_differ
        kinds = {
            replica.of.event_type: _Progress(replica)
            for replica in service.replicas
            if replica.of.event_type.startswith(f"{file.head.service}.")
        }
        step = _Rebuilding(database, service, before) if write else _Comparing(database, service, before)
        await _through(file, kinds, step)
    return {kind: progress.figures for kind, progress in kinds.items()}


async def _through(file: SnapshotFile, kinds: Mapping[str, _Progress], step: _Comparing) -> None:
    for events in file.sets():
        if progress := kinds.get(events[0].type):
            await _take(step, progress, events)
    # What is beyond the last of each kind.
    for kind in (file.told or {}).keys() & kinds.keys():
        await _take(step, kinds[kind], [])


async def _take(step: _Comparing, progress: _Progress, events: Sequence[Event[Contract]]) -> None:
    """Take a set; if it met events in a deadlock, or the database was away for a moment, take it again."""
    for seconds in _PAUSES:
        try:
            await step.take(progress, events)
        except Exception as error:
            if not is_outage(error):
                raise
            await asyncio.sleep(seconds)
        else:
            return
    await step.take(progress, events)


class _Comparing:
    """Compares set by set: each reaches from the end of the one before to its own last subject."""

    def __init__(self, database: Database, service: Service, before: datetime) -> None:
        self._database = database
        self._service = service
        self._before = before

    async def take(self, progress: _Progress, events: Sequence[Event[Contract]]) -> None:
        """Compare with a set of the snapshot; an empty set stands for all that is beyond the last one."""
        async with self._database.reading(system(self._service.name)) as db:
            unlike = await self._unlike(db, progress, events)
            found = await db.rows(select(_key(progress.replica)).where(*self._beyond(progress, events)))
        self._note(progress, events, unlike, len(found))

    async def _unlike(self, db: Reader, progress: _Progress, events: Sequence[Event[Contract]]) -> _Unlike:
        """Return what differs, by subject."""
        if not events:
            return {}
        told = progress.replica.told(event.data for event in events)
        rows = await db.rows(_comparison(progress.replica), {**told, "before": self._before})
        return {str(row.key): row for row in rows}

    def _beyond(self, progress: _Progress, events: Sequence[Event[Contract]]) -> list[ColumnElement[bool]]:
        """Return what a superfluous row is, in the stretch that a set of the snapshot covers."""
        key = _key(progress.replica)
        conditions = [progress.replica.table.c.heard_at < self._before]
        if progress.after is not None:
            conditions.append(key > progress.after)
        if events:
            keys = _keys(progress.replica, [event.subject for event in events])
            conditions += [key <= keys[-1], key.not_in(keys)]
        return conditions

    def _note(
        self,
        progress: _Progress,
        events: Sequence[Event[Contract]],
        unlike: _Unlike,
        superfluous: int,
    ) -> None:
        figures = progress.figures
        figures.count("told", len(events))
        figures.count("superfluous", superfluous)
        for row in unlike.values():
            figures.count(row.how)
        if events:
            (progress.after,) = _keys(progress.replica, [events[-1].subject])


class _Rebuilding(_Comparing):
    """Mends what it compares, each set in a transaction of its own."""

    async def take(self, progress: _Progress, events: Sequence[Event[Contract]]) -> None:
        """Let the rows that differ be told anew, and remove what is no more."""
        async with self._database.writing(system(self._service.name), reason="rebuild") as db:
            unlike = await self._unlike(db, progress, events)
            if unlike:
                await self._give_way(db, progress.replica, unlike)
                news = [event for event in events if event.subject in unlike]
                await self._service.reactions.run(db, [*news, *_moves(db, progress.replica, news, unlike)])
            removed = await self._remove(db, progress, events)
        self._note(progress, events, unlike, len(removed))
        for key in removed:
            _log.info("replica.removed", kind=progress.replica.of.event_type, subject=str(key))

    async def _give_way(self, db: Writer, replica: Replica[Any], unlike: _Unlike) -> None:
        """Let rows that were told of before the snapshot, and claim to be as new, say that they are older."""
        wrong = sorted(subject for subject, row in unlike.items() if row.how == "different")
        if wrong:
            keys = _keys(replica, wrong)
            await db.execute(_giving_way(replica), {"keys": keys, "before": self._before})

    async def _remove(self, db: Writer, progress: _Progress, events: Sequence[Event[Contract]]) -> list[Key]:
        replica, key = progress.replica, _key(progress.replica)
        beyond = self._beyond(progress, events)
        removed = [found for (found,) in await db.rows(delete(replica.table).where(*beyond).returning(key))]
        for model, root in _along(replica):
            table = table_of(model)
            await db.execute(delete(table).where(table.c[root].in_(removed)))
        return removed


def _along(replica: Replica[Any]) -> Iterator[tuple[type[SQLModel], str]]:
    """Yield what goes with an aggregate that is no more: tables, and the columns with its id."""
    if replica.below:
        yield replica.below.model, replica.below.key[0]
    if replica.past:
        yield replica.past.model, replica.past.root


def _moves(
    db: Writer, replica: Replica[Any], news: Sequence[Event[Contract]], unlike: _Unlike
) -> Iterator[Event[Contract]]:
    """Say of what lies elsewhere now that it has moved: what is kept of it has to follow."""
    for event in news:
        was = unlike[event.subject].division_code
        if replica.moved and was and was != event.area:
            moved = replica.moved(event.data, was, db.today)
            yield event.model_copy(update={"type": moved.event_type, "area": moved.area, "data": moved})


def _key(replica: Replica[Any]) -> ColumnElement[Any]:
    return replica.table.c[replica.key]


def _keys(replica: Replica[Any], subjects: Sequence[str]) -> list[Key]:
    """Return subjects as the table holds them."""
    of: Callable[[str], Key] = _key(replica).type.python_type
    return [of(subject) for subject in subjects]


@cache
def _giving_way(replica: Replica[Any]) -> Update:
    key, heard_at = _key(replica), replica.table.c.heard_at
    # Locked in everybody's order, and looked at again once it is locked: news may have come at this very moment.
    locked = (
        select(key)
        .where(key.in_(bindparam("keys", expanding=True)), heard_at < bindparam("before"))
        .order_by(key)
        .with_for_update()
        .cte("locked")
    )
    return update(replica.table).where(key.in_(select(locked.c[replica.key]))).values(sequence=-1)


@cache
def _comparison(replica: Replica[Any]) -> TextClause:
    """Return the rows that are not as the snapshot says: how each differs, and where it lay."""
    table, key = replica.table, replica.key
    joined = f"{recordset(table, 'rows')} told LEFT JOIN {table.name} kept USING ({key})"
    # When something was told is no part of what was told.
    kept, told = (f"to_jsonb({each}) - 'heard_at' - 'told_at'" for each in ("kept", "told"))
    unlike = f"{kept} IS DISTINCT FROM {told}"
    if replica.below:
        below, (root, own) = table_of(replica.below.model), replica.below.key
        of_those = f"{root} IN (SELECT {key} FROM {recordset(table, 'rows')})"  # noqa: S608 - as below
        held = _gathered(f"{below.name} WHERE {of_those}", root, own)
        said = _gathered(recordset(below, "below"), root, own)
        joined += f" LEFT JOIN {held} held ON held.root = {key} LEFT JOIN {said} said ON said.root = {key}"
        unlike = f"({unlike} OR held.rows IS DISTINCT FROM said.rows)"
    return text(
        f"""
        SELECT {key} AS key, to_jsonb(kept) ->> 'division_code' AS division_code, CASE
            WHEN kept.sequence IS NULL THEN 'missing'
            WHEN kept.heard_at >= :before THEN 'since'
            WHEN kept.sequence < told.sequence THEN 'older'
            ELSE 'different'
        END AS how
        FROM {joined} WHERE {unlike}
        """  # noqa: S608 - names come from the mapped tables, values are bound
    )


def _gathered(source: str, root: str, own: str) -> str:
    """Return SQL for all that is below each aggregate, as one value."""
    rows = f"jsonb_agg(to_jsonb(one) ORDER BY {own})"
    return f"(SELECT {root} AS root, {rows} AS rows FROM (SELECT * FROM {source}) one GROUP BY {root})"  # noqa: S608
