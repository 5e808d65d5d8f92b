"""Following people from one household to another: what is watched or looked into there is a clue to where they are now.

Nothing is closed and nothing tagged by itself: officers look at the household, and find the old thread in the clue.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from uuid import UUID

from sqlmodel import col, select

from services.monitoring.clues.commands import open_clues, receive_many
from services.monitoring.clues.model import Clue
from services.monitoring.clues.rules import Arrival
from services.monitoring.monitored.episodes import RiskEpisode
from services.monitoring.monitored.model import MonitoredObject
from services.monitoring.monitored.states import UNDER_WATCH
from shared.contracts.household import HouseholdMerged, HouseholdSplit, MemberTransferred, RegroupingState
from shared.database import Reader, Writer

_WORDS: dict[type[RegroupingState], str] = {
    HouseholdSplit: "分户新立",
    HouseholdMerged: "他户并入",
    MemberTransferred: "成员转入",
}


async def follow(db: Writer, moves: Sequence[RegroupingState]) -> None:
    """Tell of every open risk and clue that went along with people; a household not known yet comes again later."""
    left = {move.household_id for move in moves}
    watched, told = await _open_risks(db, left), await open_clues(db, left)
    arrivals = [arrival for move in moves for arrival in arrivals_of_move(move, watched[move.household_id])]
    arrivals += [arrival for move in moves for arrival in arrivals_of_clues(move, told)]
    if arrivals:
        await receive_many(db, arrivals)


def arrivals_of_move(move: RegroupingState, episodes: Iterable[RiskEpisode]) -> Iterator[Arrival]:
    """Return what a move tells: a person's risk goes with the person, a household's with a split or a merger."""
    for episode in episodes:
        if _goes(move, episode.member_id):
            facts = "原户系监测对象，风险尚未消除，请核实本户是否仍有该风险"
            yield _arrival(move, episode, facts, {"monitored_id": str(episode.monitored_id)})


def arrivals_of_clues(move: RegroupingState, clues: Iterable[Clue]) -> Iterator[Arrival]:
    """Return what a move tells of clues that are looked into where the people were, and may be theirs."""
    for clue in clues:
        if clue.household_id == move.household_id and clue.stands and _goes(move, clue.member_id):
            yield _arrival(
                move, clue, "原户的线索尚未办结，请核实本户是否有该风险", {"clue_id": str(clue.id)}
            )


def _goes(move: RegroupingState, member_id: UUID | None) -> bool:
    if member_id is None:
        return not isinstance(move, MemberTransferred)
    return any(person.member_id == member_id for person in move.persons)


def _arrival(move: RegroupingState, of: RiskEpisode | Clue, facts: str, known: dict[str, str]) -> Arrival:
    became = {person.member_id: person.became for person in move.persons}
    return Arrival(
        household_id=move.into_id,
        member_id=became[of.member_id] if of.member_id else None,
        risk_type=of.risk_type,
        source="follow_up",
        facts=f"{_WORDS[type(move)]}：{facts}",
        reference=f"regrouping:{move.household_id}:{move.version}",
        detail=known | {"household_id": str(move.household_id)},
        received_on=move.happened_on,
    )


async def _open_risks(db: Reader, household_ids: set[UUID]) -> dict[UUID, list[RiskEpisode]]:
    """Return the open episodes of households under watch."""
    objects = await db.all(
        select(MonitoredObject).where(
            col(MonitoredObject.household_id).in_(household_ids), col(MonitoredObject.status).in_(UNDER_WATCH)
        )
    )
    homes = {thing.id: thing.household_id for thing in objects}
    episodes = await db.all(
        select(RiskEpisode)
        .where(col(RiskEpisode.monitored_id).in_(homes), col(RiskEpisode.eliminated_on).is_(None))
        .order_by(col(RiskEpisode.rank), col(RiskEpisode.id))
    )
    found: dict[UUID, list[RiskEpisode]] = defaultdict(list)
    for episode in episodes:
        found[homes[episode.monitored_id]].append(episode)
    return found
