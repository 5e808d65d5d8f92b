"""Corrections come in, are decided by the rules or by a person, and change the registry as any change does."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlmodel import col, select

from services.household.changes.commands import depart
from services.household.changes.errors import HeadStays
from services.household.changes.schemas import Departure, NewHead
from services.household.corrections.errors import CorrectionImpossible
from services.household.corrections.model import Correction, Status
from services.household.corrections.queries import whereabouts
from services.household.corrections.rules import (
    Verdict,
    Way,
    change_of,
    is_departure,
    judge,
    judge_by_hand,
    rulings,
)
from services.household.households.changing import lock_households, save
from services.household.households.commands import set_facts, set_member_facts
from services.household.households.model import Household, Member
from services.household.households.schemas import HouseholdChange, MemberChange
from shared.clock import date_of
from shared.contracts.comparisons import ComparisonCorrectionsWithdrawn
from shared.contracts.household import CorrectionDecision, CorrectionsDecided
from shared.database import Writer
from shared.domain.codes import code_lists

_Rule = Callable[[Correction, Household | None, Member | None], Verdict]


@dataclass
class _Registry:
    """The households that corrections are about, locked, with their people."""

    households: dict[UUID, Household]
    members: dict[UUID, list[Member]]

    def household(self, correction: Correction) -> Household | None:
        return self.households.get(correction.household_id)

    def member(self, correction: Correction) -> Member | None:
        people = self.members.get(correction.household_id, [])
        return next((each for each in people if each.id == correction.member_id), None)


async def receive(db: Writer, proposed: Sequence[Sequence[Correction]]) -> None:
    """Take in corrections and decide, as far as the rules decide; what came before changes nothing.

    They come together as they were proposed of a household, and are answered together in one event.
    """
    every = {each.id for together in proposed for each in together}
    known = set(await db.all(select(Correction.id).where(col(Correction.id).in_(every))))
    fresh = [_once(together, known) for together in proposed]
    registry = await _lock(db, [each for corrections in fresh for each in corrections])
    for corrections in filter(None, fresh):
        await _decide(db, corrections, registry, judge)
        db.add(*corrections)
        await db.flush()
        _tell(db, corrections)


async def look_again(db: Writer, household_ids: Collection[UUID]) -> None:
    """Answer departures that wait of people who have left by now: somebody else said so, or entered it."""
    departures = [field for field, ruling in rulings()["member"].items() if ruling.way is Way.DEPARTURE]
    wanted = select(Correction).where(
        col(Correction.household_id).in_(household_ids),
        Correction.status == Status.WAITING,
        col(Correction.field).in_(departures),
    )
    waiting = await db.all(wanted.order_by(col(Correction.id)).with_for_update())
    if not waiting:
        return
    await _decide(db, waiting, await _lock(db, waiting), judge)
    await db.flush()
    for each in waiting:
        if each.status != Status.WAITING:
            _tell(db, [each])


async def accept(
    db: Writer, correction_id: UUID, version: int, *, note: str | None, new_head: NewHead | None = None
) -> Correction:
    """Take over a correction that waits, whatever the registry says by now."""
    correction = await _waiting(db, correction_id, version)
    if new_head and not is_departure(correction):
        raise HeadStays
    await _decide(db, [correction], await _lock(db, [correction]), judge_by_hand, new_head)
    if correction.status == Status.REFUSED:
        words = code_lists()["correction_reason"]
        raise CorrectionImpossible(
            words.label(correction.reason, "en"), zh_detail=words.label(correction.reason)
        )
    correction.note = note
    await db.flush()
    _tell(db, [correction])
    return correction


async def refuse(db: Writer, correction_id: UUID, version: int, *, note: str) -> Correction:
    """Leave the registry as it is."""
    correction = await _waiting(db, correction_id, version)
    correction.settle(Status.REFUSED, "decided_by_person", by=db.principal.name, at=db.now, note=note)
    await db.flush()
    _tell(db, [correction])
    return correction


async def withdraw(db: Writer, told: Sequence[ComparisonCorrectionsWithdrawn]) -> None:
    """Let go of what waits and is not said any more; mark what was decided for a person to see."""
    for back in sorted(told, key=lambda each: each.household_id):
        wanted = select(Correction).where(
            col(Correction.id).in_(back.corrections), col(Correction.withdrawn_at).is_(None)
        )
        corrections = await db.all(wanted.order_by(col(Correction.id)).with_for_update())
        waiting = [each for each in corrections if each.status == Status.WAITING]
        async with db.because(back.reason):
            for each in corrections:
                each.withdraw(back.reason, by=db.principal.name, at=db.now)
            await db.flush()
        if waiting:
            _tell(db, waiting)


def _once(corrections: Sequence[Correction], known: set[UUID]) -> list[Correction]:
    """Return those that are not known yet, and know them from now on."""
    fresh = [each for each in corrections if each.id not in known]
    known.update(each.id for each in fresh)
    return fresh


async def _waiting(db: Writer, correction_id: UUID, version: int) -> Correction:
    wanted = select(Correction).where(col(Correction.id) == correction_id).with_for_update()
    correction = (await db.one(wanted)).expect(version)
    correction.expect_decidable_by(db.principal)
    return correction


async def _lock(db: Writer, corrections: Sequence[Correction]) -> _Registry:
    """Lock the households, those to which people went since included."""
    homes = await whereabouts(db, [each.member_id for each in corrections if each.member_id])
    for each in corrections:
        if each.member_id in homes:
            each.member_id, each.household_id = homes[each.member_id]
    wanted = {each.household_id for each in corrections}
    there = set(await db.all(select(Household.id).where(col(Household.id).in_(wanted))))
    households = await lock_households(db, there)
    members: dict[UUID, list[Member]] = {key: [] for key in there}
    people = select(Member).where(col(Member.household_id).in_(there)).order_by(col(Member.id))
    # What was read before the lock is read anew behind it.
    for member in await db.all(people.execution_options(populate_existing=True)):
        members[member.household_id].append(member)
    return _Registry(households, members)


async def _decide(
    db: Writer,
    corrections: Sequence[Correction],
    registry: _Registry,
    rule: _Rule,
    new_head: NewHead | None = None,
) -> None:
    """Decide on corrections of one source, each by what the registry says after those before it."""
    taken: dict[UUID, list[Correction]] = {}
    for each in corrections:
        household = registry.household(each)
        if household:
            each.division_code = household.division_code
        verdict = rule(each, household, registry.member(each))
        each.settle(verdict.status, verdict.reason, by=db.principal.name, at=db.now)
        if verdict.status is Status.ACCEPTED and verdict.reason != "already_so":
            taken.setdefault(each.household_id, []).append(each)
    for household_id, accepted in taken.items():
        household = registry.households[household_id]
        if is_departure(accepted[0]):
            await _part(db, household, accepted[0], new_head)
        else:
            await _apply(db, household, registry.members[household_id], accepted)
        for each in accepted:
            each.household_version = household.version


async def _part(db: Writer, household: Household, departure: Correction, new_head: NewHead | None) -> None:
    """Enter a departure into the book of natural changes: a person decided on it, and on nothing else with it."""
    change = change_of(departure)
    assert isinstance(change, Departure) and departure.member_id  # noqa: S101, PT018 - as the rules have found
    change.new_head = new_head
    async with db.because(_why(departure)):
        await depart(db, household.id, departure.member_id, household.version, change)


async def _apply(
    db: Writer, household: Household, members: Sequence[Member], accepted: Sequence[Correction]
) -> None:
    """Change the registry: one new version of the household, whose story tells where it came from."""
    people = {member.id: member for member in members}
    async with db.because(_why(accepted[0])):
        for each in accepted:
            change = change_of(each)
            if isinstance(change, HouseholdChange):
                await set_facts(db, household, change)
            elif isinstance(change, MemberChange) and each.member_id:
                set_member_facts(people[each.member_id], change)
        await save(db, [(household, members)])


def _why(correction: Correction) -> str:
    source = code_lists()["history_source"].label(correction.source)
    return f"{source}：{correction.found_by} {date_of(correction.found_at)}"


def _tell(db: Writer, corrections: Sequence[Correction]) -> None:
    """Tell what was decided on corrections of one source."""
    first = corrections[0]
    db.record(
        CorrectionsDecided(
            id=first.source_id,
            division_code=first.division_code,
            version=max(each.version for each in corrections),
            household_id=first.household_id,
            source=first.source,
            decisions=tuple(
                CorrectionDecision.model_validate(each, from_attributes=True) for each in corrections
            ),
        )
    )
