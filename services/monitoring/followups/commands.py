"""What is done about follow-ups."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select

from services.monitoring.clues.commands import note_visits, receive_many
from services.monitoring.clues.rules import Arrival
from services.monitoring.dates import DateOutOfOrder, happened_on
from services.monitoring.followups import errors
from services.monitoring.followups.events import told
from services.monitoring.followups.model import FollowUp
from services.monitoring.followups.rules import AT_A_DISTANCE
from services.monitoring.followups.schemas import DifficultyForm, FollowUpForm, SolutionForm
from services.monitoring.followups.turns import count_on, held
from services.monitoring.monitored.model import MonitoredObject
from services.monitoring.papers.commands import file_papers
from services.monitoring.replicas.errors import HouseholdUnknown
from services.monitoring.replicas.queries import lock_household, lock_households, present_members
from services.monitoring.replicas.rules import expect_member
from shared import clock
from shared.contracts.inspection import HouseholdVisited
from shared.contracts.monitoring import FollowedUp
from shared.database import Writer


async def follow_up_object(db: Writer, monitored_id: UUID, form: FollowUpForm) -> FollowUp:
    """Enter a visit to a monitored object's household."""
    return await follow_up(db, (await db.get(MonitoredObject, monitored_id)).household_id, form)


async def follow_up(db: Writer, household_id: UUID, form: FollowUpForm) -> FollowUp:
    """Enter a visit: the next turn is counted from it, and what may mean a risk becomes a clue."""
    household = await lock_household(db, household_id)
    (followed,) = await held(db, [household.id])
    if followed.kind is None:
        raise errors.NothingToFollow
    if form.way in AT_A_DISTANCE and form.away is None:
        raise errors.VisitInPerson
    on = happened_on(form.on, db.today)
    row = FollowUp(
        household_id=household.id,
        division_code=household.division_code,
        monitored_id=followed.monitored_id,
        visited_on=on,
        officer=form.officer or db.principal.name,
        difficulties=[_difficulty(each, db) for each in form.difficulties],
        unsolved=sum(each.solved_on is None for each in form.difficulties),
        evidence=list(form.evidence),
        **form.model_dump(include={"way", "away", "found"}),
    )
    row.signals = await _received(db, row, form)
    db.add(row)
    await db.flush()
    await file_papers(db, row, row.id, household.id, form)
    await count_on(db, [followed], {household.id: on})
    if form.way not in AT_A_DISTANCE:
        await note_visits(db, [(household.id, on)])
    db.record(told(FollowedUp, row))
    return row


async def solve(db: Writer, follow_up_id: UUID, form: SolutionForm, *, version: int) -> FollowUp:
    """Take note that a difficulty is solved."""
    row = await db.one(select(FollowUp).where(col(FollowUp.id) == follow_up_id).with_for_update())
    on = happened_on(form.on, db.today, since=row.expect(version).visited_on)
    row.solve(form.difficulty, how=form.how, on=on)
    row.evidence = [*row.evidence, *form.evidence]
    await db.flush()
    await file_papers(db, row, row.id, row.household_id, form)
    db.record(told(FollowedUp, row))
    return row


async def count_inspections(db: Writer, visits: Sequence[HouseholdVisited]) -> None:
    """Count visits of inspections as follow-ups, each once; refuses with ``HouseholdUnknown`` until all are known."""
    ids = {visit.household_id for visit in visits}
    if ids - set(await lock_households(db, ids)):
        raise HouseholdUnknown
    followed = {each.id: each for each in await held(db, sorted(ids)) if each.kind is not None}
    rows = [
        _of_inspection(visit, followed[visit.household_id])
        for visit in visits
        if visit.household_id in followed
    ]
    if not rows:
        return
    new = await db.execute(insert(FollowUp).on_conflict_do_nothing().returning(FollowUp), rows)
    db.record(*[told(FollowedUp, row) for row in new.scalars().all()])
    newest = {
        row["household_id"]: row["visited_on"] for row in sorted(rows, key=lambda each: each["visited_on"])
    }
    await count_on(db, list(followed.values()), newest)


def _of_inspection(visit: HouseholdVisited, household: Any) -> dict[str, Any]:
    failed = "、".join(visit.failed_items)
    return {
        "id": visit.id,
        "household_id": visit.household_id,
        "division_code": household.division_code,
        "monitored_id": household.monitored_id,
        "visited_on": clock.date_of(visit.visited_at),
        "officer": visit.officer,
        "way": "visit",
        "found": f"集中排查入户；发现问题：{failed}" if failed else "集中排查入户；未发现问题",
        "difficulties": [],
        "unsolved": 0,
        "signals": [],
        "evidence": [],
        "source": "inspection",
    }


def _difficulty(form: DifficultyForm, db: Writer) -> dict[str, Any]:
    if form.solved_on is not None:
        happened_on(form.solved_on, db.today)
    elif form.solve_by is not None and form.solve_by < db.today:
        raise DateOutOfOrder(zh_detail="解决期限不得早于今天")
    return form.model_dump(mode="json")


async def _received(db: Writer, row: FollowUp, form: FollowUpForm) -> list[dict[str, Any]]:
    if not form.signals:
        return []
    members = await present_members(db, row.household_id)
    for signal in form.signals:
        expect_member(members, signal.member_id)
    receipts = await receive_many(db, list(_arrivals(row, form)))
    return [
        signal.model_dump(mode="json")
        | {"outcome": receipt.outcome, "clue_id": str(receipt.clue.id) if receipt.clue else None}
        for signal, receipt in zip(form.signals, receipts, strict=True)
    ]


def _arrivals(row: FollowUp, form: FollowUpForm) -> Iterator[Arrival]:
    for signal in form.signals:
        yield Arrival(
            household_id=row.household_id,
            member_id=signal.member_id,
            risk_type=signal.risk_type,
            source="follow_up",
            facts=signal.facts,
            reference=f"follow-up:{row.id}",
            detail={"officer": row.officer},
            received_on=row.visited_on,
        )
