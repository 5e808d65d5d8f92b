"""Questions to the inbox."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, String, and_, cast, func, not_, or_
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import col, select

from services.monitoring.clues.model import AWAITS_ADDING, UNSETTLED, Clue
from services.monitoring.clues.schemas import ClueQuery, ClueView, SentClue
from services.monitoring.replicas.queries import households_of
from shared.database import Page, PageQuery, Reader, inside


async def page_of(db: Reader, query: ClueQuery, page: PageQuery) -> Page[ClueView]:
    """Return clues in the order in which they arrived, or those without a verdict by what comes first."""
    order: list[Any] = [col(Clue.id)]
    if query.order == "urgency":
        order = [col(Clue.priority), col(Clue.due_on), col(Clue.id)]
    found = await db.page(select(Clue).where(*_matching(query, db.today)), order=order, page=page)
    households = await households_of(db, [clue.household_id for clue in found.items])
    items = [ClueView.of(clue, households.get(clue.household_id), today=db.today) for clue in found.items]
    return found.with_items(items)


async def page_of_sent(db: Reader, page: PageQuery) -> Page[SentClue]:
    """Return what the caller sent in, wherever it is, oldest first: its newest word on each clue, and the verdict."""
    sender = db.principal.subject
    told = col(Clue.evidence).contains([{"sender_id": sender}])
    found = await db.page(select(Clue).where(told), order=[col(Clue.id)], page=page)
    return found.each(lambda clue: _sent(clue, sender))


def _sent(clue: Clue, sender: str) -> SentClue:
    own = [each for each in clue.evidence if each.get("sender_id") == sender]
    shown = clue.model_dump(include={"risk_type", "status", "settled_on", "verdict"})
    return SentClue(clue_id=clue.id, reference=own[-1]["reference"], told_on=own[-1]["on"], **shown)


async def get_clue(db: Reader, clue_id: UUID) -> tuple[Clue, ClueView]:
    """Return a clue, and how it is shown."""
    clue = await db.get(Clue, clue_id)
    households = await households_of(db, [clue.household_id])
    return clue, ClueView.of(clue, households.get(clue.household_id), today=db.today)


def _matching(query: ClueQuery, today: date) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [
        col(getattr(Clue, name)).in_(wanted)
        for name in ("status", "risk_type", "priority", "level")
        if (wanted := getattr(query, name))
    ]
    conditions += [
        col(getattr(Clue, name)) == wanted
        for name in ("household_id", "assignee")
        if (wanted := getattr(query, name)) is not None
    ]
    if query.division:
        conditions.append(inside(Clue.division_code, query.division))
    if query.source:
        # Any source of a clue counts, not only the first.
        conditions.append(func.jsonb_exists_any(col(Clue.sources), cast(query.source, ARRAY(String))))
    if query.order == "urgency":
        conditions.append(col(Clue.status).in_(UNSETTLED))
    return conditions + list(_flags(query, today))


def _flags(query: ClueQuery, today: date) -> Iterator[ColumnElement[bool]]:
    unsettled = col(Clue.settled_on).is_(None)
    late = or_(
        and_(unsettled, col(Clue.due_on) < today), and_(AWAITS_ADDING, col(Clue.adding_due_on) < today)
    )
    unvisited = and_(unsettled, col(Clue.visit_due_on).is_not(None), col(Clue.visited_on).is_(None))
    for wished, holds in (
        (query.overdue, late),
        (query.visit_overdue, and_(unvisited, col(Clue.visit_due_on) < today)),
        (query.unassigned, and_(unsettled, col(Clue.assignee).is_(None))),
        (query.awaits_adding, AWAITS_ADDING),
        (query.dismissal_pending, and_(unsettled, col(Clue.dismissal).is_not(None))),
    ):
        if wished is not None:
            yield holds if wished else not_(holds)
