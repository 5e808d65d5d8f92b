"""What the registry does about what visits and comparisons found, and about its own news.

Whoever changes a household need not know who looks at it afterwards.
"""

from __future__ import annotations

from collections.abc import Sequence

from services.household.corrections.commands import look_again, receive, withdraw
from services.household.corrections.proposals import found_by_comparison, found_on_visit
from services.household.duplicates.finding import find
from services.household.officials.terms import follow
from services.household.search.writing import write_letters_of
from shared.contracts.comparisons import ComparisonCorrectionsProposed, ComparisonCorrectionsWithdrawn
from shared.contracts.envelope import Event
from shared.contracts.household import HouseholdChanged, HouseholdRegistered, HouseholdState
from shared.contracts.inspection import CorrectionsProposed
from shared.database import Writer
from shared.messaging.reactions import Reactions

REACTIONS = Reactions("household")


@REACTIONS.on(HouseholdRegistered, HouseholdChanged)
async def look_for_duplicates(db: Writer, events: Sequence[Event[HouseholdState]]) -> None:
    """See whether somebody of these households is registered elsewhere too."""
    await find(db, {event.data.id for event in events}, found_by="change")


@REACTIONS.on(HouseholdRegistered, HouseholdChanged)
async def write_names_in_letters(db: Writer, events: Sequence[Event[HouseholdState]]) -> None:
    """Let these people be found in pinyin and by initials, as they are called and where they belong by now."""
    await write_letters_of(db, {event.data.id for event in events})


@REACTIONS.on(HouseholdRegistered, HouseholdChanged)
async def keep_terms_true(db: Writer, events: Sequence[Event[HouseholdState]]) -> None:
    """Let terms of officials follow what a file or a form changed of these households."""
    await follow(db, {event.data.id for event in events}, on=db.today)


@REACTIONS.on(HouseholdChanged)
async def look_again_at_departures(db: Writer, events: Sequence[Event[HouseholdChanged]]) -> None:
    """Leave no departure waiting for a person that somebody has entered meanwhile."""
    await look_again(db, {event.data.id for event in events})


@REACTIONS.on(CorrectionsProposed)
async def decide_on_corrections(db: Writer, events: Sequence[Event[CorrectionsProposed]]) -> None:
    """Take over what visits found, refuse it, or leave it to a person."""
    await receive(db, [found_on_visit(event.data) for event in events])


@REACTIONS.on(ComparisonCorrectionsProposed)
async def decide_on_comparisons(db: Writer, events: Sequence[Event[ComparisonCorrectionsProposed]]) -> None:
    """Take over what the office says that certifies it; leave the rest, and who died or left, to a person."""
    await receive(db, [found_by_comparison(event.data) for event in events])


@REACTIONS.on(ComparisonCorrectionsWithdrawn)
async def let_go_of_corrections(db: Writer, events: Sequence[Event[ComparisonCorrectionsWithdrawn]]) -> None:
    """Let go of what a department does not say any more, as far as nobody has decided on it."""
    await withdraw(db, [event.data for event in events])
