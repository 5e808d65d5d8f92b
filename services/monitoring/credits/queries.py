"""Questions about small credit."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, String, literal
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import col, select

from services.monitoring.credits.model import SmallCredit
from services.monitoring.credits.schemas import CreditQuery
from shared.database import Page, PageQuery, Reader, inside


async def page_of(db: Reader, query: CreditQuery, page: PageQuery) -> Page[SmallCredit]:
    """Return credits in the order in which they were entered."""
    conditions: list[ColumnElement[bool]] = []
    if query.division:
        conditions.append(inside(SmallCredit.division_code, query.division))
    if query.household_id:
        conditions.append(col(SmallCredit.household_id) == query.household_id)
    if query.status:
        conditions.append(col(SmallCredit.status).in_(query.status))
    if query.flag:
        conditions.append(_any_of(SmallCredit.open_flags, query.flag))
    if query.confirmed:
        conditions.append(_any_of(SmallCredit.confirmed_flags, query.confirmed))
    if query.overdue is not None:
        is_overdue = col(SmallCredit.closed_on).is_(None) & (col(SmallCredit.due_on) < db.today)
        conditions.append(is_overdue if query.overdue else ~is_overdue)
    return await db.page(select(SmallCredit).where(*conditions), order=[col(SmallCredit.id)], page=page)


def _any_of(flags: Any, wanted: list[str]) -> ColumnElement[bool]:
    return col(flags).op("&&", is_comparison=True)(literal(wanted, ARRAY(String)))
