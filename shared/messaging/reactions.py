"""What a service does about events: one short function per kind, and a table of them on one page."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from itertools import groupby
from typing import Any, TypeVar

from shared.contracts.envelope import Contract, Event
from shared.database import Writer

C = TypeVar("C", bound=Contract)

#: Takes a run of events in order, inside a transaction that somebody else commits.
Reaction = Callable[[Writer, Sequence[Event[C]]], Awaitable[None]]


class Reactions:
    """The reactions of one service.

    A reaction receives neighbouring events of the types it declared, so that it can work in sets. It never sees
    acknowledgements, the inbox or the commit; each event reaches it once in effect, though perhaps after a later
    event of the same subject: ``sequence`` tells.
    """

    def __init__(self, service: str) -> None:
        self.service = service
        self._by_type: dict[str, tuple[Reaction[Any], ...]] = {}

    @property
    def types(self) -> frozenset[str]:
        """The event types that the service listens to."""
        return frozenset(self._by_type)

    def on(self, *contracts: type[C]) -> Callable[[Reaction[C]], Reaction[C]]:
        """Declare a reaction to events of these types."""

        def declare(reaction: Reaction[C]) -> Reaction[C]:
            for contract in contracts:
                known = self._by_type.get(contract.event_type, ())
                self._by_type[contract.event_type] = (*known, reaction)
            return reaction

        return declare

    async def run(self, db: Writer, events: Iterable[Event[Contract]]) -> None:
        """React to events in order."""
        for reaction, neighbours in self._runs(events):
            await reaction(db, neighbours)

    def _runs(
        self, events: Iterable[Event[Contract]]
    ) -> Iterator[tuple[Reaction[Any], list[Event[Contract]]]]:
        """Give each reaction the longest runs of events that it alone, or the same others, answer."""
        for reactions, run in groupby(events, key=lambda event: self._by_type.get(event.type, ())):
            neighbours = list(run)
            for reaction in reactions:
                yield reaction, neighbours

    def __str__(self) -> str:
        """Which function answers which event, one line each."""
        width = max(map(len, self._by_type), default=0)
        return "\n".join(
            f"{event_type:<{width}}  {', '.join(_name(reaction) for reaction in reactions)}"
            for event_type, reactions in sorted(self._by_type.items())
        )


def _name(reaction: Reaction[Any]) -> str:
    return str(getattr(reaction, "__name__", reaction))
