"""What inspection does about the events of others: it keeps its replicas."""

from __future__ import annotations

from collections.abc import Sequence

from services.inspection.corrections.commands import take_decisions
from services.inspection.rehoming import follow_homes
from services.inspection.replicas.upserts import take_divisions, take_grids, take_households, take_monitored
from shared.contracts.envelope import Event
from shared.contracts.household import (
    CorrectionsDecided,
    DivisionChanged,
    DivisionState,
    GridChanged,
    HouseholdChanged,
    HouseholdRegistered,
    HouseholdRehomed,
    HouseholdState,
)
from shared.contracts.monitoring import (
    HouseholdTagged,
    MonitoredState,
    MonitoringChanged,
    RiskEliminated,
    RiskRetagged,
)
from shared.database import Writer
from shared.messaging.reactions import Reactions

REACTIONS = Reactions("inspection")


@REACTIONS.on(DivisionChanged)
async def name_divisions(db: Writer, events: Sequence[Event[DivisionState]]) -> None:
    """Know the divisions."""
    await take_divisions(db, [event.data for event in events])


@REACTIONS.on(GridChanged)
async def know_grids(db: Writer, events: Sequence[Event[GridChanged]]) -> None:
    """Know the grids and their officers, who visit there first of all."""
    await take_grids(db, [event.data for event in events])


@REACTIONS.on(HouseholdRegistered, HouseholdChanged)
async def know_households(db: Writer, events: Sequence[Event[HouseholdState]]) -> None:
    """Know the households that are to be visited."""
    await take_households(db, [event.data for event in events])


@REACTIONS.on(HouseholdRehomed)
async def follow_households(db: Writer, events: Sequence[Event[HouseholdRehomed]]) -> None:
    """Keep visits and findings where their households belong now."""
    await follow_homes(db, [event.data for event in events])


@REACTIONS.on(CorrectionsDecided)
async def take_answers(db: Writer, events: Sequence[Event[CorrectionsDecided]]) -> None:
    """Show officers what the registry said to what they found."""
    await take_decisions(db, [each for event in events for each in event.data.decisions])


@REACTIONS.on(HouseholdTagged, RiskEliminated, RiskRetagged, MonitoringChanged)
async def know_monitored(db: Writer, events: Sequence[Event[MonitoredState]]) -> None:
    """Know which households are monitored, and for which risks."""
    await take_monitored(db, [event.data for event in events])
