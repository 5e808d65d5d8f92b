"""Corrections come in, are decided by the rules or by a person, and change the registry as any change does."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby
from uuid import UUID

from sqlmodel import col, select

from services.household.corrections.errors import CorrectionImpossible
from services.household.corrections.model import Correction, Status
from services.household.corrections.queries import whereabouts
from services.household.corrections.rules import Verdict, change_of, judge, judge_by_hand
from services.household.households.changing import lock_households, save
from services.household.households.commands import set_facts, set_member_facts
from services.household.households.model import Household, Member
from services.household.households.schemas import HouseholdChange
from shared.clock import date_of
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


async def receive(db: Writer, proposed: Sequence[Correction]) -> None:
    """Take in corrections and decide, as far as the rules decide; what came before changes nothing.

    Neighbours of one source belong to one household, and are answered in one event.
    """
    once = {each.id: each for each in proposed}
    known = set(await db.all(select(Correction.id).where(col(Correction.id).in_(once))))
    fresh = [each for key, each in once.items() if key not in known]
    registry = await _lock(db, fresh)
    for _, of_source in groupby(fresh, key=lambda each: each.source_id):
        corrections = list(of_source)
        await _decide(db, corrections, registry, judge)
        db.add(*corrections)
        await db.flush()
        _tell(db, corrections)


async def accept(db: Writer, correction_id: UUID, version: int, *, note: str | None) -> Correction:
    """Take over a correction that waits, whatever the registry says by now."""
    correction = await _waiting(db, correction_id, version)
    await _decide(db, [correction], await _lock(db, [correction]), judge_by_hand)
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


async def _decide(db: Writer, corrections: Sequence[Correction], registry: _Registry, rule: _Rule) -> None:
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
        await _apply(db, registry.households[household_id], registry.members[household_id], accepted)


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
            elif each.member_id:
                set_member_facts(people[each.member_id], change)
        await save(db, [(household, members)])
    for each in accepted:
        each.household_version = household.version


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
