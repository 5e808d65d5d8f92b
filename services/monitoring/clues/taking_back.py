"""What is told of a household may be taken back by whoever told it; a clue that nothing else bears out ends there."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlmodel import col, select

from services.monitoring.clues.model import UNSETTLED, Clue
from services.monitoring.clues.rules import Retraction, TakenBack, TakenBackElsewhere
from services.monitoring.clues.verdicts import stand_down_after
from services.monitoring.monitored.events import tell_changed
from services.monitoring.replicas.queries import lock_households
from shared.contracts.monitoring import ClueSettled
from shared.database import Writer


async def take_back(db: Writer, retractions: Sequence[Retraction], *, reason: str) -> TakenBack:
    """Take back what was told; a clue that has its verdict already keeps it, and a mark.

    Locks the households: thousands belong into transactions of a few hundred each.
    """
    households = {each.household_id for each in retractions}
    await lock_households(db, households)
    clues = await _told_by(db, households, {each.reference for each in retractions})
    settled: dict[UUID, Clue] = {}
    kept: set[UUID] = set()

    def end(clue: Clue, because: Retraction | TakenBackElsewhere) -> None:
        open_before = clue.status in UNSETTLED
        if not clue.take_back(because, reason=reason, on=db.today):
            return
        if not open_before and clue.id not in settled:
            kept.add(clue.id)
        elif clue.status not in UNSETTLED:
            settled[clue.id] = clue

    for retraction in retractions:
        for clue in clues:
            if retraction.concerns(clue.household_id, clue.risk_type):
                end(clue, retraction)
    # What ends where people had been ends where they are: oldest first, as they went on.
    for clue in clues:
        end(clue, TakenBackElsewhere(frozenset(map(str, settled))))
    await db.flush()
    stood_down = [await stand_down_after(db, clue) for clue in settled.values()]
    await db.flush()
    db.record(*[ClueSettled.model_validate(clue, from_attributes=True) for clue in settled.values()])
    await tell_changed(db, [each for each in stood_down if each is not None])
    return TakenBack(len(settled), len(kept))


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
