"""How far behind a service is: the age of the oldest event that it was given and has not put to rest.

Where nothing comes there is nothing to be behind with, so the figure is zero, however long ago the last event was. An
event that waits for its next attempt counts, until it is handled or dead.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import partial
from uuid import UUID

from shared import clock
from shared.contracts.envelope import Contract, Event
from shared.messaging.metrics import LAG, NEWEST

_Told = tuple[str, datetime]


class Lag:
    """One consumer's: what it has in hand, and what it has postponed."""

    def __init__(self, service: str, types: Iterable[str]) -> None:
        self._service = service
        self._shown: set[str] = set()
        #: When the oldest event in hand happened, by who told it.
        self._in_hand: dict[str, datetime] = {}
        self._postponed: dict[UUID, _Told] = {}
        for source in {each.partition(".")[0] for each in types}:
            self._show(source)

    def begin_anew(self) -> None:
        """Forget everything: a bus that was lost gives all of it again, to this process or to another."""
        self._in_hand.clear()
        self._postponed.clear()

    def took(self, events: Iterable[Event[Contract]]) -> None:
        """Note what has been taken in hand."""
        for event in events:
            source = _source(event)
            self._show(source)
            self._in_hand[source] = min(event.time, self._in_hand.get(source, event.time))
            self._postponed.pop(event.id, None)

    def settled(self, postponed: Iterable[Event[Contract]]) -> None:
        """Note that all in hand was put to rest, but for what comes again later."""
        self._in_hand.clear()
        self._postponed |= {event.id: (_source(event), event.time) for event in postponed}

    def handled(self, events: Iterable[Event[Contract]]) -> None:
        """Note what has been handled."""
        newest: dict[str, datetime] = {}
        for event in events:
            source = _source(event)
            newest[source] = max(event.time, newest.get(source, event.time))
        for source, moment in newest.items():
            NEWEST.labels(self._service, source).set(moment.timestamp())

    def seconds(self, source: str) -> float:
        """Return how old the oldest event of a source is that is not put to rest, or zero."""
        waiting = [moment for told, moment in self._postponed.values() if told == source]
        if source in self._in_hand:
            waiting.append(self._in_hand[source])
        return age(min(waiting, default=None))

    def _show(self, source: str) -> None:
        if source not in self._shown:
            self._shown.add(source)
            LAG.labels(self._service, source).set_function(partial(self.seconds, source))


def age(moment: datetime | None) -> float:
    """Return the seconds since a moment of business time; zero where there is none."""
    return max(0.0, (clock.now() - moment).total_seconds()) if moment else 0.0


def _source(event: Event[Contract]) -> str:
    return event.source.rpartition("/")[2]
