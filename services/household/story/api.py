"""``/households/{household_id}/history`` and ``…/story``."""

from __future__ import annotations

from uuid import UUID

from services.household.story.queries import history_of, story_of
from services.household.story.schemas import Chapter, HistoryLine
from shared.database import Page
from shared.refusal import NotFound
from shared.web import Paging, Reading, Router, refusals, requires
from shared.web.language import InLanguage

router = Router(prefix="/households", tags=["农户 households"])


@router.get(
    "/{household_id}/history", dependencies=[requires("households:read")], responses=refusals(NotFound)
)
async def history(db: Reading, language: InLanguage, household_id: UUID) -> list[HistoryLine]:
    """Tell a household's steps, row by row: who changed what, when, why, and from which source."""
    return await history_of(db, household_id, language)


@router.get("/{household_id}/story", dependencies=[requires("households:read")], responses=refusals(NotFound))
async def story(db: Reading, language: InLanguage, page: Paging, household_id: UUID) -> Page[Chapter]:
    """Tell a household's story: a chapter for each time that somebody did something, in sentences."""
    return await story_of(db, household_id, language, page)
