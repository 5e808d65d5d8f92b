"""What the registry does about what visits found, and about its own news.

Whoever changes a household need not know who looks at it afterwards.
"""

from __future__ import annotations

from collections.abc import Sequence

from services.household.corrections.commands import receive
from services.household.corrections.model import Correction
from services.household.duplicates.finding import find
from services.household.households.sources import Source
from services.household.officials.terms import follow
from services.household.search.writing import write_letters
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
    """Let these people be found in pinyin and by initials; the last that is told of somebody counts."""
    named = {
        member.id: (member.id, event.data.id, event.data.division_code, member.name)
        for event in events
        for member in event.data.members
    }
    await write_letters(db, named.values())


@REACTIONS.on(HouseholdRegistered, HouseholdChanged)
async def keep_terms_true(db: Writer, events: Sequence[Event[HouseholdState]]) -> None:
    """Let terms of officials follow what a file or a form changed of these households."""
    await follow(db, {event.data.id for event in events}, on=db.today)


@REACTIONS.on(CorrectionsProposed)
async def decide_on_corrections(db: Writer, events: Sequence[Event[CorrectionsProposed]]) -> None:
    """Take over what visits found, refuse it, or leave it to a person."""
    await receive(db, [each for event in events for each in _corrections(event.data)])


def _corrections(visit: CorrectionsProposed) -> list[Correction]:
    return [
        Correction(
            **proposed.model_dump(mode="json", include={"field", "known", "found"}),
            id=proposed.id,
            household_id=visit.household_id,
            member_id=proposed.member_id,
            division_code=visit.division_code,
            source=Source.VISIT,
            source_id=visit.id,
            found_at=visit.visited_at,
            found_by=visit.officer,
            proposed_by=visit.proposed_by,
        )
        for proposed in visit.corrections
    ]
