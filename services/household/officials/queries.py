"""Questions about officials: terms, contacts, who carries how much, and where nobody is or comes."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache
from importlib.resources import files
from typing import Any, Literal
from uuid import UUID

import yaml
from sqlalchemy import func, select as sa_select
from sqlmodel import col, select

from services.household.households.model import Household
from services.household.officials.model import OfficialContact, OfficialTerm
from services.household.officials.schemas import ContactView, Load, LoadGap, TermView
from shared.database import Page, PageQuery, Reader, inside
from shared.database.paging import cut, decode_cursor
from shared.domain.division import area_range

#: Parameters: area's low and high end, beginnings of name and unit, name and unit of the last one before, first day in
#: time, limit. Whose turn it is is known before anything is counted: a page costs what its officials carry.
_LOADS = """
    WITH carried AS (
        SELECT id, division_code, member_count, official_name AS name, coalesce(official_unit, '') AS unit
        FROM household WHERE division_code >= $1 AND division_code < $2 AND official_name IS NOT NULL
            AND kind = 'lifted' AND member_count > 0
    ), turn AS MATERIALIZED (
        SELECT DISTINCT name, unit FROM carried
        WHERE starts_with(name, $3) AND starts_with(unit, $4) AND (name, unit) > ($5, $6)
        ORDER BY name, unit LIMIT $8
    )
    SELECT name, unit, count(*) AS households, sum(member_count) AS people, count(DISTINCT division_code) AS villages,
        max(newest) AS last_contact_on, count(*) FILTER (WHERE newest IS NULL OR newest < $7) AS overdue
    FROM carried JOIN turn USING (name, unit) LEFT JOIN LATERAL (
        SELECT max(happened_on) AS newest FROM official_contact WHERE household_id = carried.id) contact ON true
    GROUP BY name, unit ORDER BY name, unit
"""


async def terms_of(db: Reader, household_id: UUID) -> list[TermView]:
    """Return who was responsible for a household, the first one first, with the contacts of each time."""
    await db.get(Household, household_id)
    terms = await db.all(select(OfficialTerm).where(OfficialTerm.household_id == household_id))
    contacts = await db.all(select(OfficialContact).where(OfficialContact.household_id == household_id))
    days = [contact.happened_on for contact in contacts]
    return [
        _term_view(each, days)
        for each in sorted(terms, key=lambda term: (term.since, term.until or date.max))
    ]


async def contacts_of(db: Reader, household_id: UUID, page: PageQuery) -> Page[ContactView]:
    """List a household's contacts, the newest first."""
    await db.get(Household, household_id)
    wanted = select(OfficialContact).where(OfficialContact.household_id == household_id)
    order = [OfficialContact.happened_on, OfficialContact.id]
    found = await db.page(wanted, order=order, page=page, newest_first=True)
    return found.each(contact_view)


def contact_view(contact: OfficialContact) -> ContactView:
    """Show a contact."""
    return ContactView(**contact.model_dump(), recorded_by=contact.changed_by)


async def loads(
    db: Reader, page: PageQuery, *, division: str | None, q: str, unit: str, days: int | None
) -> Page[Load]:
    """List officials by name and unit, with what each carries: one statement a page."""
    low, high = area_range(division) if division else ("0", ":")
    after = decode_cursor(page.cursor, [str, str]) if page.cursor else ["", ""]
    first = _first_day(db.today, days)
    rows = await db.glance(_LOADS, low, high, q, unit, *after, first, page.limit + 1)
    return cut([Load(**row) for row in rows], page.limit, lambda last: [last.name, last.unit])


async def load_gaps(
    db: Reader,
    page: PageQuery,
    *,
    what: Literal["nobody", "no_contact"],
    division: str | None,
    days: int | None,
) -> Page[LoadGap]:
    """List lifted households for which nobody is responsible, or with which nobody was in contact of late."""
    wanted = select(Household).where(Household.kind == "lifted", col(Household.member_count) > 0)
    if division:
        wanted = wanted.where(inside(Household.division_code, division))
    if what == "nobody":
        wanted = wanted.where(col(Household.official_name).is_(None))
    else:
        late = sa_select(col(OfficialContact.household_id)).where(
            col(OfficialContact.happened_on) >= _first_day(db.today, days)
        )
        wanted = wanted.where(col(Household.id).not_in(late))
    found = await db.page(wanted, order=[Household.division_code, Household.id], page=page)
    newest = await _newest_contacts(db, [each.id for each in found.items])
    items = [LoadGap(**_shown(each), last_contact_on=newest.get(each.id)) for each in found.items]
    return found.with_items(items)


def _term_view(term: OfficialTerm, days: list[date]) -> TermView:
    within = [day for day in days if term.since <= day and (term.until is None or day < term.until)]
    return TermView(**term.model_dump(), contacts=len(within), last_contact_on=max(within, default=None))


def _shown(household: Household) -> dict[str, Any]:
    return household.model_dump(include=set(LoadGap.model_fields))


async def _newest_contacts(db: Reader, household_ids: list[UUID]) -> dict[UUID, date]:
    newest = sa_select(col(OfficialContact.household_id), func.max(col(OfficialContact.happened_on)))
    of_page = newest.where(col(OfficialContact.household_id).in_(household_ids))
    rows = await db.rows(of_page.group_by(col(OfficialContact.household_id)))
    return {row[0]: row[1] for row in rows}


def _first_day(today: date, days: int | None) -> date:
    """Return the first day on which a contact is still in time."""
    return today - timedelta(days=days if days is not None else _frequency())


@cache
def _frequency() -> int:
    rule = yaml.safe_load(files(__package__).joinpath("frequency.yaml").read_text("utf-8"))
    return int(rule["days"])
