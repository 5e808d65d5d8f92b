"""Following people from one household to another: what is watched or looked into there is a clue to where they are now.

Nothing is closed and nothing tagged by itself: officers look at the household, and find the old thread in the clue.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

from sqlmodel import col, select

from services.monitoring.clues.commands import open_clues, receive_many
from services.monitoring.clues.model import Clue
from services.monitoring.clues.rules import Arrival, Retraction
from services.monitoring.clues.taking_back import take_back
from services.monitoring.monitored.episodes import RiskEpisode
from services.monitoring.monitored.model import MonitoredObject
from services.monitoring.monitored.states import UNDER_WATCH
from services.monitoring.replicas.movers import Undone, who_went
from shared.contracts.household import (
    HouseholdMerged,
    HouseholdSplit,
    MemberTransferred,
    RecordMerged,
    RecordUnmerged,
    RegroupingState,
)
from shared.database import Reader, Writer

_FOLLOW_UP = "follow_up"
_WORDS: dict[type[RegroupingState], str] = {
    HouseholdSplit: "分户新立",
    HouseholdMerged: "他户并入",
    MemberTransferred: "成员转入",
    RecordMerged: "重复登记合并",
    Undone: "变动撤销",
}
#: Who became whom by a move.
_Went = Mapping[UUID, UUID]


class _Followed(NamedTuple):
    """Whom something followed by mistake to a household, and from which one; None: the household itself."""

    household_id: UUID
    from_id: UUID
    members: frozenset[UUID | None]


async def follow(db: Writer, moves: Sequence[RegroupingState]) -> None:
    """Tell of every open risk and clue that went along with people; a household not known yet comes again later."""
    # Of two records in one household, what is known of either is known there already.
    moves = [move for move in moves if move.household_id != move.into_id]
    left = {move.household_id for move in moves}
    watched, told = await _open_risks(db, left), await open_clues(db, left)
    arrivals: list[Arrival] = []
    for move, went in zip(moves, await who_went(db, moves), strict=True):
        arrivals += arrivals_of_move(move, went, watched[move.household_id])
        arrivals += arrivals_of_clues(move, went, told)
    if arrivals:
        await receive_many(db, arrivals)


async def follow_back(db: Writer, undone: Sequence[Undone]) -> None:
    """Take back what had followed people by moves that were undone, and tell of all else where they are again."""
    if not undone:
        return
    went = await who_went(db, undone)
    followed = [
        _Followed(move.household_id, move.into_id, frozenset([*gone, *([None] if move.is_whole else [])]))
        for move, gone in zip(undone, went, strict=True)
    ]
    await _take_back(db, followed, reason="变动已撤销")
    await follow(db, undone)


async def part(db: Writer, parted: Sequence[RecordUnmerged]) -> None:
    """Take back what had followed somebody to another one's record, for whom they had been taken."""
    followed = [
        _Followed(move.into_id, move.household_id, frozenset(each.became for each in move.persons))
        for move in parted
    ]
    await _take_back(db, followed, reason="重复登记合并已撤销")


async def _take_back(db: Writer, followed: Sequence[_Followed], *, reason: str) -> None:
    told = await open_clues(db, {each.household_id for each in followed})
    retractions = [
        Retraction(clue.household_id, member_id, clue.risk_type, reference, rule=None)
        for each in followed
        for clue in told
        if clue.household_id == each.household_id
        for member_id, reference in _followed_by(clue, each.from_id)
        if member_id in each.members
    ]
    if retractions:
        await take_back(db, retractions, reason=reason)


def arrivals_of_move(
    move: RegroupingState, went: _Went, episodes: Iterable[RiskEpisode]
) -> Iterator[Arrival]:
    """Return what a move tells: a person's risk goes with the person, a household's with a split or a merger."""
    for episode in episodes:
        if _goes(move, went, episode.member_id):
            facts = "原户系监测对象，风险尚未消除，请核实本户是否仍有该风险"
            known = {"monitored_id": str(episode.monitored_id)}
            yield _arrival(move, went, episode.risk_type, episode.member_id, facts, known)


def arrivals_of_clues(move: RegroupingState, went: _Went, clues: Iterable[Clue]) -> Iterator[Arrival]:
    """Return what a move tells of clues that are looked into where the people were, of each whom they are about."""
    facts = "原户的线索尚未办结，请核实本户是否有该风险"
    for clue in clues:
        if clue.household_id == move.household_id:
            for member_id in _told_of(clue):
                if _goes(move, went, member_id):
                    known = {"clue_id": str(clue.id), "member_id": str(member_id) if member_id else None}
                    yield _arrival(move, went, clue.risk_type, member_id, facts, known)


def _told_of(clue: Clue) -> list[UUID | None]:
    """Return whom a clue is about, in the order in which it was told; None: the household."""
    told = [each["member_id"] for each in clue.evidence if "taken_back_on" not in each]
    return [UUID(each) if each else None for each in dict.fromkeys(told)]


def _followed_by(clue: Clue, household_id: UUID) -> Iterator[tuple[UUID | None, str]]:
    """Return of whom a clue says no more than that they came from a household, and under which reference."""
    for each in clue.evidence:
        if each["source"] == _FOLLOW_UP and each["detail"].get("household_id") == str(household_id):
            yield UUID(each["member_id"]) if each["member_id"] else None, each["reference"]


def _goes(move: RegroupingState, went: _Went, member_id: UUID | None) -> bool:
    if member_id is not None:
        return member_id in went
    return move.is_whole if isinstance(move, Undone) else isinstance(move, HouseholdSplit | HouseholdMerged)


def _arrival(
    move: RegroupingState,
    went: _Went,
    risk_type: str,
    member_id: UUID | None,
    facts: str,
    known: Mapping[str, str | None],
) -> Arrival:
    return Arrival(
        household_id=move.into_id,
        member_id=went[member_id] if member_id else None,
        risk_type=risk_type,
        source=_FOLLOW_UP,
        facts=f"{_WORDS[type(move)]}：{facts}",
        reference=f"regrouping:{move.household_id}:{move.version}",
        detail={**known, "household_id": str(move.household_id)},
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
