"""Questions about doubts."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, select as select_columns
from sqlmodel import col, select

from services.monitoring.batches.model import Comparison
from services.monitoring.doubts.model import Doubt, DoubtState
from services.monitoring.doubts.schemas import DoubtQuery, RaisedDoubtView
from services.monitoring.monitored.model import MonitoredObject
from services.monitoring.replicas.queries import households_of, names_of_persons
from services.monitoring.rulebook.documents import hit_of
from services.monitoring.rulebook.queries import expect_rules, rules
from shared.database import Page, PageQuery, Reader, inside
from shared.database.history import Change, story


async def page_of(db: Reader, query: DoubtQuery, page: PageQuery) -> Page[RaisedDoubtView]:
    """List doubts in the order in which they were raised."""
    await expect_rules(db, query.rule)
    order = [col(Doubt.raised_at), col(Doubt.id)]
    found = await db.page(select(Doubt).where(*_matching(query)), order=order, page=page)
    return found.with_items(await shown(db, found.items))


async def page_of_object(db: Reader, monitored_id: UUID, page: PageQuery) -> Page[RaisedDoubtView]:
    """List the doubts about the household of a monitored object."""
    thing = await db.get(MonitoredObject, monitored_id)
    return await page_of(db, DoubtQuery(household_id=thing.household_id), page)


async def standing_of(db: Reader, household_id: UUID) -> list[RaisedDoubtView]:
    """Return what stands against a household: every doubt that has not lapsed, oldest first."""
    stands = select(Doubt).where(col(Doubt.household_id) == household_id, Doubt.state != DoubtState.LAPSED)
    return await shown(db, await db.all(stands.order_by(col(Doubt.raised_at), col(Doubt.id))))


async def shown(db: Reader, doubts: Sequence[Doubt]) -> list[RaisedDoubtView]:
    """Show doubts with the people and the rules that they are about."""
    if not doubts:
        return []
    known = await rules(db)
    households = await households_of(db, [each.household_id for each in doubts])
    names = await names_of_persons(
        db, [(each.household_id, each.member_id) for each in doubts if each.member_id]
    )
    telling = {batch for each in doubts for batch in each.comparison_ids}
    told = select_columns(col(Comparison.id), col(Comparison.period)).where(col(Comparison.id).in_(telling))
    periods = {row.id: row.period for row in await db.rows(told)}
    return [
        RaisedDoubtView.of(
            each,
            hit_of(known, each.rule, each.rule_version, each.inputs),
            households.get(each.household_id),
            names.get(each.member_id) if each.member_id else None,
            periods,
        )
        for each in doubts
    ]


async def story_of(db: Reader, doubt_id: UUID) -> list[Change]:
    """Return all changes of a doubt, oldest first."""
    await db.get(Doubt, doubt_id)
    return story(await db.history(doubt_id, Doubt))


def _matching(query: DoubtQuery) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if query.division:
        conditions.append(inside(Doubt.division_code, query.division))
    if query.household_id:
        conditions.append(col(Doubt.household_id) == query.household_id)
    if query.rule:
        conditions.append(col(Doubt.rule).in_(query.rule))
    if query.state:
        conditions.append(col(Doubt.state).in_(query.state))
    if query.awaits_decision is not None:
        said = col(Doubt.explained_by)
        conditions += [
            col(Doubt.state) == DoubtState.OPEN,
            said.is_not(None) if query.awaits_decision else said.is_(None),
        ]
    return conditions
