"""Questions about natural changes."""

from __future__ import annotations

from uuid import UUID

from sqlmodel import select

from services.household.changes.model import NaturalChange
from services.household.changes.schemas import ChangeView
from services.household.changes.views import change_view
from services.household.households.model import Household
from shared.database import Page, PageQuery, Reader
from shared.web.language import Language


async def list_changes(
    db: Reader, household_id: UUID, page: PageQuery, language: Language
) -> Page[ChangeView]:
    """List what happened to a household's people, in the order in which it was entered."""
    await db.get(Household, household_id)
    wanted = select(NaturalChange).where(NaturalChange.household_id == household_id)
    found = await db.page(wanted, order=[NaturalChange.id], page=page)
    views = [change_view(each, language) for each in found.items]
    return found.with_items(views)
