"""What the registry does about its own news: whoever changes a household need not know who looks at it afterwards."""

from __future__ import annotations

from collections.abc import Sequence

from services.household.duplicates.finding import find
from shared.contracts.envelope import Event
from shared.contracts.household import HouseholdChanged, HouseholdRegistered, HouseholdState
from shared.database import Writer
from shared.messaging.reactions import Reactions

REACTIONS = Reactions("household")


@REACTIONS.on(HouseholdRegistered, HouseholdChanged)
async def look_for_duplicates(db: Writer, events: Sequence[Event[HouseholdState]]) -> None:
    """See whether somebody of these households is registered elsewhere too."""
    await find(db, {event.data.id for event in events}, found_by="change")
