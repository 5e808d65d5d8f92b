"""Who went from one household to another, and who that is now: the registry gives people an id in each household."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select

from services.monitoring.replicas.model import HouseholdReplica, Mover
from services.monitoring.replicas.queries import lock_households
from services.monitoring.replicas.whereabouts import divisions_of, hold_whereabouts
from shared.contracts.household import (
    HouseholdMerged,
    HouseholdState,
    PersonMoved,
    RecordUnmerged,
    RegroupingState,
)
from shared.database import Reader, Writer

#: Whoever is there now is meant, or was there last: a change that is undone leaves people where they had been.
_SETTLE_PERSONS = text(
    """
    UPDATE mover SET now_id = now.id, now_household_id = now.household_id
    FROM (
        SELECT DISTINCT ON (known.person) known.person, known.id, known.household_id
        FROM mover known
        LEFT JOIN person_replica p ON p.household_id = known.household_id AND p.member_id = known.id
        WHERE known.person = ANY(:persons) AND known.id <> known.household_id
        ORDER BY known.person, p.member_id IS NULL, p.left_on IS NOT NULL, p.left_on DESC, known.id DESC) now
    WHERE mover.person = now.person AND (mover.now_id, mover.now_household_id) <> (now.id, now.household_id)
    """
)
#: A household that joined another one is itself again once somebody lives there.
_LIVE_AGAIN = text(
    """
    UPDATE mover SET joined_id = NULL
    WHERE id = ANY(:persons) AND joined_id IS NOT NULL
        AND EXISTS (SELECT FROM person_replica p WHERE p.household_id = mover.id AND p.left_on IS NULL)
    """
)
#: Each is the last of those that joined one another, whichever is told first, and is undone.
_SETTLE_HOUSEHOLDS = text(
    """
    WITH RECURSIVE concerned AS (
        SELECT id FROM mover WHERE id = ANY(:persons) AND id = household_id
        UNION SELECT mover.id FROM concerned JOIN mover ON mover.joined_id = concerned.id),
    way AS (
        SELECT id AS household_id, id AS reached_id FROM concerned
        UNION
        SELECT way.household_id, mover.joined_id
        FROM way JOIN mover ON mover.id = way.reached_id WHERE mover.joined_id IS NOT NULL)
    UPDATE mover SET now_id = reached_id, now_household_id = reached_id FROM way
    WHERE mover.id = way.household_id AND mover.now_id <> reached_id
        AND NOT EXISTS (SELECT FROM mover further WHERE further.id = reached_id AND further.joined_id IS NOT NULL)
    """
)
#: Whom the registry knows no more by the id that they were known by last: what had given it to them was undone.
_VANISHED = text(
    """
    SELECT mover.id FROM mover JOIN household_replica home ON home.id = mover.household_id
    WHERE mover.person = ANY(:persons) AND mover.now_id = mover.id AND mover.id <> mover.household_id
        AND NOT EXISTS (
            SELECT FROM person_replica p WHERE p.household_id = mover.household_id AND p.member_id = mover.id)
    """
)
#: Two who had been taken for one: the record that had left is a person's own again, all others are the other one's.
_PART = (
    text(
        "UPDATE mover SET person = :kept "
        "WHERE id <> :parted AND person = (SELECT person FROM mover WHERE id = :parted)"
    ),
    text("UPDATE mover SET person = id WHERE id = :parted"),
)
#: Where people of some households were before or after, and people of those in turn.
_RELATED = text(
    """
    WITH RECURSIVE related AS (
        SELECT unnest(CAST(:ids AS uuid[])) AS id
        UNION
        SELECT there.household_id
        FROM related JOIN mover here ON here.household_id = related.id JOIN mover there ON there.person = here.person)
    SELECT id FROM related
    """
)


class Subject(NamedTuple):
    """A household, or a person by the id that they have in it."""

    household_id: UUID
    member_id: UUID | None = None

    @property
    def id(self) -> UUID:
        """The person's id, or the household's."""
        return self.member_id or self.household_id


class Undone(RegroupingState):
    """A move that was undone: people are again where they had been, and were never where they had gone."""

    #: Nobody is left there.
    is_whole: bool


async def note_moves(db: Writer, moves: Sequence[RegroupingState]) -> set[UUID]:
    """Know who movers are now, as far as the households have told of themselves; returns the persons concerned."""
    await lock_households(db, {each for move in moves for each in (move.household_id, move.into_id)})
    pairs = [(person.member_id, person.became) for move in moves for person in move.persons]
    known = await _known(db, {each for pair in pairs for each in pair})
    persons = _alike(pairs, {each.id: each.person for each in known})
    homes = {each.id: each.household_id for each in known}
    homes |= {person.member_id: move.household_id for move in moves for person in move.persons}
    homes |= {person.became: move.into_id for move in moves for person in move.persons}
    await hold_whereabouts(db, await divisions_of(db, {*homes.values(), *(move.into_id for move in moves)}))
    await _keep(db, [_row(each, homes[each], person) for each, person in persons.items()])
    joined = {move.household_id: move.into_id for move in moves if isinstance(move, HouseholdMerged)}
    await _join(db, joined)
    return await _settled(db, {*persons.values(), *joined})


async def note_parted(db: Writer, parted: Sequence[RecordUnmerged]) -> set[UUID]:
    """Know two people apart who had been taken for one; returns the persons concerned.

    What was raised about either stays with the record that had been kept, until data about them are corrected.
    """
    homes = {each for move in parted for each in (move.household_id, move.into_id)}
    await lock_households(db, homes)
    await hold_whereabouts(db, await divisions_of(db, homes))
    pairs = [(person.member_id, person.became) for move in parted for person in move.persons]
    for gone, kept in pairs:
        for part in _PART:
            await db.execute(part, {"parted": gone, "kept": kept})
    return await _settled(db, {each for pair in pairs for each in pair})


async def settle_moves(db: Writer, states: Collection[HouseholdState]) -> tuple[set[UUID], list[Undone]]:
    """See anew who movers of households are of which the registry tells; returns the persons, and what was undone."""
    joined = {each.id: each.merged_into for each in states if each.merged_into}
    of_these = select(col(Mover.person)).where(col(Mover.household_id).in_({each.id for each in states}))
    persons = set(await db.all(of_these))
    if not persons and not joined:
        return persons, []
    homes = await db.all(select(col(Mover.household_id)).where(col(Mover.person).in_(persons)))
    await hold_whereabouts(db, await divisions_of(db, {*homes, *joined, *joined.values()}))
    await _join(db, joined)
    persons = set(await db.all(of_these))
    vanished = [row.id for row in await db.rows(_VANISHED, {"persons": list(persons)})]
    await _settled(db, persons)
    return persons, await _undone(db, vanished, joined) if vanished else []


async def who_went(db: Reader, moves: Sequence[RegroupingState]) -> list[Mapping[UUID, UUID]]:
    """Return of each move who became whom, by every id that they ever had in the household that they left."""
    known = await _known(db, {person.became for move in moves for person in move.persons})
    person_of = {each.id: each.person for each in known}
    ids: dict[tuple[UUID, UUID], list[UUID]] = defaultdict(list)
    for each in known:
        ids[each.person, each.household_id].append(each.id)
    return [
        {person.member_id: person.became for person in move.persons}
        | {
            was: person.became
            for person in move.persons
            if person.became in person_of
            for was in ids[person_of[person.became], move.household_id]
        }
        for move in moves
    ]


async def ids_of(db: Reader, subjects: Collection[Subject]) -> Mapping[Subject, Sequence[Subject]]:
    """Return by which ids each of them was known, that of now among them."""
    found = {each: [each] for each in subjects}
    by_id = {each.id: each for each in subjects}
    movers = select(Mover).where(col(Mover.now_id).in_(by_id), col(Mover.id) != col(Mover.now_id))
    for mover in await db.all(movers.execution_options(populate_existing=True)):
        found[by_id[mover.now_id]].append(_subject(mover.id, mover.household_id))
    return found


async def related_households(db: Reader, household_ids: Collection[UUID]) -> set[UUID]:
    """Return these and all households to which something that was told of them may have followed somebody."""
    return {row.id for row in await db.rows(_RELATED, {"ids": list(household_ids)})}


async def hold_ids_of(db: Writer, subjects: Collection[Subject]) -> Mapping[Subject, Sequence[Subject]]:
    """Return by which ids each of them is known though they have gone on; until the transaction ends nobody does."""
    held: set[UUID] = set()
    while True:
        now = await _now_of(db, subjects)
        ids = await ids_of(db, set(now.values()))
        known = {each: list(dict.fromkeys([each, *ids[now[each]]])) for each in subjects}
        homes = {each.household_id for ids_of_one in known.values() for each in ids_of_one}
        if homes <= held:
            return known
        await lock_households(db, homes)
        held |= homes


async def _now_of(db: Reader, subjects: Collection[Subject]) -> Mapping[Subject, Subject]:
    by_id = {each.id: each for each in subjects}
    movers = select(Mover).where(col(Mover.id).in_(by_id)).execution_options(populate_existing=True)
    now = {by_id[each.id]: _subject(each.now_id, each.now_household_id) for each in await db.all(movers)}
    return {each: now.get(each, each) for each in subjects}


def _subject(key: UUID, household_id: UUID) -> Subject:
    return Subject(household_id, key if key != household_id else None)


def _alike(pairs: Iterable[tuple[UUID, UUID]], persons: dict[UUID, UUID]) -> dict[UUID, UUID]:
    """Let all ids of a person have the same one to be known by, in whatever order moves are told."""
    for was, became in pairs:
        person = persons.setdefault(was, was)
        other = persons.setdefault(became, person)
        if person != other:
            persons |= {each: person for each, known_by in persons.items() if known_by == other}
    return persons


async def _known(db: Reader, ids: Collection[UUID]) -> list[Mover]:
    """Return all ids of whoever has one of these."""
    persons = select(col(Mover.person)).where(col(Mover.id).in_(ids))
    return await db.all(select(Mover).where(col(Mover.person).in_(persons)))


def _row(subject: UUID, household_id: UUID, person: UUID, joined_id: UUID | None = None) -> dict[str, Any]:
    """Return a row of somebody who is where they are until it is settled."""
    names = ("id", "household_id", "person", "now_id", "now_household_id", "joined_id")
    return dict(zip(names, (subject, household_id, person, subject, household_id, joined_id), strict=True))


async def _join(db: Writer, joined: Mapping[UUID, UUID]) -> None:
    await _keep(db, [_row(each, each, each, into) for each, into in joined.items()])


async def _undone(db: Writer, vanished: Collection[UUID], joined: Mapping[UUID, UUID]) -> list[Undone]:
    """Return where those who vanished are again, of whom that is known."""
    back = select(Mover).where(col(Mover.id).in_(vanished), col(Mover.now_id) != col(Mover.id))
    persons: dict[tuple[UUID, UUID], list[PersonMoved]] = defaultdict(list)
    for each in await db.all(back.order_by(col(Mover.id))):
        persons[each.household_id, each.now_household_id].append(
            PersonMoved(member_id=each.id, became=each.now_id)
        )
    homes = select(HouseholdReplica).where(col(HouseholdReplica.id).in_({left for left, _ in persons}))
    left_homes = {each.id: each for each in await db.all(homes)}
    return [
        Undone(
            household_id=left,
            into_id=into,
            division_code=left_homes[left].division_code,
            happened_on=db.today,
            persons=tuple(people),
            version=left_homes[left].sequence,
            is_whole=joined.get(left) == into,
        )
        for (left, into), people in persons.items()
    ]


async def _keep(db: Writer, rows: Sequence[Mapping[str, Any]]) -> None:
    if rows:
        new = insert(Mover)
        kept = {name: new.excluded[name] for name in ("person", "now_id", "now_household_id", "joined_id")}
        await db.execute(
            new.on_conflict_do_update(index_elements=["id"], set_=kept), [dict(row) for row in rows]
        )


async def _settled(db: Writer, persons: set[UUID]) -> set[UUID]:
    for settle in (_SETTLE_PERSONS, _LIVE_AGAIN, _SETTLE_HOUSEHOLDS):
        await db.execute(settle, {"persons": list(persons)})
    return persons
