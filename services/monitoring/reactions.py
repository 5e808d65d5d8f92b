"""What monitoring does about the events of others."""

from __future__ import annotations

from collections.abc import Sequence

from services.monitoring.applications.commands import take_up_waiting
from services.monitoring.classes.leaving import leave_as_registered
from services.monitoring.clues.commands import note_visits, receive_many
from services.monitoring.clues.findings import take_findings
from services.monitoring.clues.following import follow, follow_back, part
from services.monitoring.clues.rules import arrivals_of
from services.monitoring.comparisons.decisions import take_decisions
from services.monitoring.comparisons.following import follow_movers, give_back
from services.monitoring.comparisons.people import ask_anew
from services.monitoring.followups.commands import count_inspections
from services.monitoring.rehoming import follow_homes
from services.monitoring.replicas.movers import note_moves, note_parted, settle_moves
from services.monitoring.replicas.upserts import take_divisions, take_households
from services.monitoring.rulebook.raising import watch_eliminated
from shared.clock import date_of
from shared.contracts.envelope import Event
from shared.contracts.household import (
    CorrectionsDecided,
    DivisionChanged,
    DivisionState,
    HouseholdChanged,
    HouseholdMerged,
    HouseholdRegistered,
    HouseholdRehomed,
    HouseholdSplit,
    HouseholdState,
    MemberTransferred,
    RecordMerged,
    RecordUnmerged,
    RegroupingState,
)
from shared.contracts.inspection import FindingRaised, FindingReopened, FindingState, HouseholdVisited
from shared.database import Writer
from shared.messaging.reactions import Reactions

REACTIONS = Reactions("monitoring")


@REACTIONS.on(DivisionChanged)
async def name_divisions(db: Writer, events: Sequence[Event[DivisionState]]) -> None:
    """Know the divisions."""
    await take_divisions(db, [event.data for event in events])


@REACTIONS.on(HouseholdRegistered, HouseholdChanged)
async def know_households(db: Writer, events: Sequence[Event[HouseholdState]]) -> None:
    """Know the households and persons that clues and comparisons are about, and see whether eliminated risks return."""
    await take_households(db, [(event.data, event.time) for event in events])
    households = {event.data.id for event in events}
    await leave_as_registered(db, households)
    await take_up_waiting(db, households)
    await watch_eliminated(db, households)


@REACTIONS.on(HouseholdRegistered, HouseholdChanged)
async def see_movers(db: Writer, events: Sequence[Event[HouseholdState]]) -> None:
    """Take what was raised about people along, where the move was heard of before the households, or is undone.

    Of an undone move nothing else tells.
    """
    persons, undone = await settle_moves(db, [event.data for event in events])
    await follow_movers(db, persons)
    await follow_back(db, undone)


@REACTIONS.on(HouseholdSplit, HouseholdMerged, MemberTransferred, RecordMerged)
async def follow_people(db: Writer, events: Sequence[Event[RegroupingState]]) -> None:
    """Know who people are where they went, and look for watched risks there; two records may be warned of as one."""
    moves = [event.data for event in events]
    await follow_movers(db, await note_moves(db, moves))
    await follow(db, moves)
    await ask_anew(db, [move for move in moves if isinstance(move, RecordMerged)])


@REACTIONS.on(RecordUnmerged)
async def part_people(db: Writer, events: Sequence[Event[RecordUnmerged]]) -> None:
    """Know two people apart who had been taken for one: each has what was raised of their own record, and no more."""
    parted = [event.data for event in events]
    await follow_movers(db, await note_parted(db, parted))
    await give_back(db, {each.member_id: each.became for move in parted for each in move.persons})
    await part(db, parted)
    await ask_anew(db, parted)


@REACTIONS.on(HouseholdRehomed)
async def follow_households(db: Writer, events: Sequence[Event[HouseholdRehomed]]) -> None:
    """Keep what is known of households where they belong now."""
    await follow_homes(db, [event.data for event in events])


@REACTIONS.on(HouseholdVisited)
async def count_visits(db: Writer, events: Sequence[Event[HouseholdVisited]]) -> None:
    """Count visits of an inspection as follow-ups of those who are to be visited.

    First, since it locks the households, as everybody does before what belongs to them.
    """
    await count_inspections(db, [event.data for event in events])


@REACTIONS.on(HouseholdVisited)
async def take_signals(db: Writer, events: Sequence[Event[HouseholdVisited]]) -> None:
    """Make clues of what was signalled on visits; one of a household not known yet comes again later.

    Clues that wait for a first visit have had it.
    """
    await note_visits(db, [(event.data.household_id, date_of(event.data.visited_at)) for event in events])
    arrivals = [arrival for event in events for arrival in arrivals_of(event.data)]
    if arrivals:
        await receive_many(db, arrivals)


@REACTIONS.on(FindingRaised, FindingReopened)
async def heed_findings(db: Writer, events: Sequence[Event[FindingState]]) -> None:
    """Look into findings about households whose risk was eliminated."""
    await take_findings(db, [event.data for event in events])


@REACTIONS.on(CorrectionsDecided)
async def learn_decisions(db: Writer, events: Sequence[Event[CorrectionsDecided]]) -> None:
    """Know what became of what batches say otherwise than the registry."""
    await take_decisions(db, [event.data for event in events])
