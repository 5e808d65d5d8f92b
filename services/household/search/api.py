"""``/people/search``."""

from __future__ import annotations

from services.household.households.errors import BadIdentityNumber
from services.household.search.queries import find_people
from services.household.search.schemas import PeopleSearch, PersonFound
from shared.database import Page
from shared.web import Paging, Router, Writing, refusals, requires

router = Router(prefix="/people", tags=["人员查询 people"])


@router.post("/search", dependencies=[requires("households:read")], responses=refusals(BadIdentityNumber))
async def search(db: Writing, wanted: PeopleSearch, page: Paging) -> Page[PersonFound]:
    """Find people by name (in signs, pinyin or initials), identity number, phone, and any of their facts.

    A name in letters is found some moments after it was registered.
    """
    return await find_people(db, wanted, page)
