"""Questions about consents."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import func, or_, select as sa_select
from sqlmodel import col, select

from services.household.consents.model import Consent
from services.household.consents.schemas import ConsentGap, ConsentView
from services.household.households.model import Household
from shared.database import Page, PageQuery, Reader, inside


async def consents_of(db: Reader, household_id: UUID, on: date) -> list[ConsentView]:
    """Return a household's consents, the oldest first, and whether each held on a day."""
    await db.get(Household, household_id)
    wanted = select(Consent).where(Consent.household_id == household_id)
    found = await db.all(wanted.order_by(col(Consent.given_on), col(Consent.id)))
    return [consent_view(each, on) for each in found]


def consent_view(consent: Consent, on: date) -> ConsentView:
    """Show a consent, and whether it holds on a day."""
    return ConsentView(**consent.model_dump(), holds=consent.holds(on))


async def consent_gaps(
    db: Reader, page: PageQuery, *, scope: str, division: str | None, kind: list[str], days: int
) -> Page[ConsentGap]:
    """List households without a consent of a scope that holds today and still will in ``days`` days.

    One person's consent covers that person, not the household.
    """
    of_household = (col(Consent.member_id).is_(None), col(Consent.scopes).contains([scope]))
    until = db.today + timedelta(days=days)
    lasting = sa_select(col(Consent.household_id)).where(
        *of_household,
        col(Consent.given_on) <= db.today,
        or_(col(Consent.expires_on).is_(None), col(Consent.expires_on) >= until),
        or_(col(Consent.withdrawn_on).is_(None), col(Consent.withdrawn_on) > db.today),
    )
    wanted = select(Household).where(col(Household.member_count) > 0, col(Household.id).not_in(lasting))
    if division:
        wanted = wanted.where(inside(Household.division_code, division))
    if kind:
        wanted = wanted.where(col(Household.kind).in_(kind))
    found = await db.page(wanted, order=[Household.division_code, Household.id], page=page)
    ends = await db.rows(
        sa_select(col(Consent.household_id), func.max(col(Consent.expires_on)))
        .where(col(Consent.household_id).in_([each.id for each in found.items]))
        .where(*of_household, col(Consent.withdrawn_on).is_(None))
        .group_by(col(Consent.household_id))
    )
    last = {row[0]: row[1] for row in ends}
    shown = set(ConsentGap.model_fields)
    items = [ConsentGap(**each.model_dump(include=shown), until=last.get(each.id)) for each in found.items]
    return found.with_items(items)
