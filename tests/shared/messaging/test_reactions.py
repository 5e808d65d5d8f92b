"""Which function answers which event."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, cast

import pytest

from shared.contracts.envelope import Contract, Event
from shared.contracts.household import DivisionChanged, HouseholdChanged, HouseholdRegistered, HouseholdState
from shared.database import Writer
from shared.keys import uuid7
from shared.messaging.reactions import Reactions
from tests.shared.messaging.station import division

pytestmark = pytest.mark.check

_NO_DATABASE = cast("Writer", None)


def event_of(data: Contract, event_type: str = "") -> Event[Contract]:
    return Event[Contract](
        id=uuid7(),
        source="fangfan/test",
        type=event_type or data.event_type,
        subject=data.subject,
        time=datetime.now(UTC),
        sequence=data.sequence,
        area=data.area,
        data=data,
    )


def recording() -> tuple[Reactions, list[tuple[str, list[str]]]]:
    """Return reactions to divisions and households, and what they are called with."""
    reactions, calls = Reactions("test"), list[tuple[str, list[str]]]()

    @reactions.on(DivisionChanged)
    async def know_divisions(_db: Writer, events: Sequence[Event[DivisionChanged]]) -> None:
        calls.append(("know_divisions", [event.subject for event in events]))

    @reactions.on(HouseholdRegistered, HouseholdChanged)
    async def know_households(_db: Writer, events: Sequence[Event[HouseholdState]]) -> None:
        calls.append(("know_households", [event.type for event in events]))

    return reactions, calls


def household(event_type: str) -> Event[Contract]:
    """Stands for a household's event; its data are not looked at."""
    return event_of(division(9), event_type)


async def test_neighbours_reach_their_reaction_together_and_in_order() -> None:
    reactions, calls = recording()
    first, second, third = (event_of(division(number)) for number in range(3))
    registered, changed = HouseholdRegistered.event_type, HouseholdChanged.event_type
    await reactions.run(_NO_DATABASE, [first, second, household(registered), household(changed), third])
    assert calls == [
        ("know_divisions", [first.subject, second.subject]),
        ("know_households", [registered, changed]),
        ("know_divisions", [third.subject]),
    ]


async def test_an_event_may_have_two_reactions_or_none() -> None:
    reactions, calls = recording()

    @reactions.on(DivisionChanged)
    async def count(_db: Writer, events: Sequence[Event[Any]]) -> None:
        calls.append(("count", [str(len(events))]))

    await reactions.run(_NO_DATABASE, [event_of(division(1)), household("nobody.cares.v1")])
    assert calls == [("know_divisions", [division(1).subject]), ("count", ["1"])]


def test_they_print_as_a_table() -> None:
    reactions, _ = recording()
    assert str(reactions).splitlines() == [
        "household.changed.v1           know_households",
        "household.division_changed.v1  know_divisions",
        "household.registered.v1        know_households",
    ]
