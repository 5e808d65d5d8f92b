"""What is told of a household may be taken back by whoever told it; a clue that nothing else bears out ends there."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlmodel import col, select

from services.monitoring.clues.model import UNSETTLED, Clue
from services.monitoring.clues.rules import Retraction, TakenBack, TakenBackElsewhere
from services.monitoring.clues.verdicts import stand_down_after
from services.monitoring.monitored.events import tell_changed
from services.monitoring.replicas.movers import related_households
from services.monitoring.replicas.queries import lock_households
from shared.contracts.monitoring import ClueSettled
from shared.database import Writer


async def take_back(db: Writer, retractions: Sequence[Retraction], *, reason: str) -> TakenBack:
    """Take back what was told; a clue that has its verdict already keeps it, and a mark.

    Locks the households: thousands belong into transactions of a few hundred each.
    """
    households = {each.household_id for each in retractions}
    # A person is told of by all of their ids; what was told of a household went on with whoever founded another one.
    of_households = {each.household_id for each in retractions if each.member_id is None}
    households |= await related_households(db, of_households)
    await lock_households(db, households)
    clues = await _told_by(db, households, {each.reference for each in retractions})
    settled: dict[UUID, Clue] = {}
    kept: set[UUID] = set()

    def end(clue: Clue, because: Retraction | TakenBackElsewhere) -> bool:
        open_before = clue.status in UNSETTLED
        if not clue.take_back(because, reason=reason, on=db.today):
            return False
        if not open_before and clue.id not in settled:
            kept.add(clue.id)
        elif clue.status not in UNSETTLED:
            settled[clue.id] = clue
        return True

    for retraction in retractions:
        for clue in clues:
            if retraction.concerns(clue.household_id, clue.risk_type):
                end(clue, retraction)
    # What ends where people had been ends where they are, and where they went on to.
    while True:
        elsewhere = TakenBackElsewhere(_ending(clues, settled), _unsaid(clues))
        if not [clue for clue in clues if end(clue, elsewhere)]:
            break
    await db.flush()
    stood_down = [await stand_down_after(db, clue) for clue in settled.values()]
    await db.flush()
    db.record(*[ClueSettled.model_validate(clue, from_attributes=True) for clue in settled.values()])
    await tell_changed(db, [each for each in stood_down if each is not None])
    return TakenBack(len(settled), len(kept))


def _ending(clues: Sequence[Clue], settled: Collection[UUID]) -> frozenset[str]:
    """Return the clues that end: those that did, and what rests on them alone, or on each other if people came back."""
    ended = {str(each) for each in settled}
    resting = {str(clue.id): clue for clue in clues if clue.status in UNSETTLED}
    while borne_out := [
        key for key, clue in resting.items() if not _follows_only(clue, ended | resting.keys())
    ]:
        for key in borne_out:
            del resting[key]
    return frozenset(ended | resting.keys())


def _unsaid(clues: Sequence[Clue]) -> frozenset[tuple[str, str | None]]:
    """Return open clues with whom they say nothing of any more, though they did."""
    unsaid: set[tuple[str, str | None]] = set()
    for clue in clues:
        if clue.status in UNSETTLED:
            said = {each["member_id"] for each in clue.evidence if "taken_back_on" not in each}
            unsaid |= {(str(clue.id), each["member_id"]) for each in clue.evidence} - {
                (str(clue.id), member_id) for member_id in said
            }
    return frozenset(unsaid)


def _follows_only(clue: Clue, known: Collection[str]) -> bool:
    return all(
        each["detail"].get("clue_id") in known for each in clue.evidence if "taken_back_on" not in each
    )


async def _told_by(db: Writer, household_ids: Collection[UUID], references: Collection[str]) -> list[Clue]:
    """Return the households' clues that something under the references was told for, or followed, each locked."""
    found = await db.all(
        select(Clue)
        .where(col(Clue.household_id).in_(household_ids))
        .order_by(col(Clue.id))
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return [
        clue
        for clue in found
        if any(each["reference"] in references or "clue_id" in each["detail"] for each in clue.evidence)
    ]
