"""Why: below clues, cases and monitored objects."""

from __future__ import annotations

from uuid import UUID

from services.monitoring.rulebook import explanations
from services.monitoring.rulebook.explanations import Explanation
from shared.refusal import NotFound
from shared.web import Reading, Router, refusals, requires
from shared.web.language import InLanguage

router = Router(tags=["规则库 rulebook"])


@router.get(
    "/clues/{clue_id}/explanation", dependencies=[requires("clues:read")], responses=refusals(NotFound)
)
async def explain_clue(clue_id: UUID, db: Reading, language: InLanguage) -> Explanation:
    """Tell why there is a clue: each piece of evidence, and of a rule's hit the conditions that held."""
    return await explanations.of_clue(db, clue_id, language)


@router.get(
    "/cases/{case_id}/explanation", dependencies=[requires("cases:read")], responses=refusals(NotFound)
)
async def explain_case(case_id: UUID, db: Reading, language: InLanguage) -> Explanation:
    """Tell why a household was judged to be of a category, or of none; nothing before its household check."""
    return await explanations.of_case(db, case_id, language)


@router.get(
    "/monitored/{monitored_id}/explanation",
    dependencies=[requires("monitored:read")],
    responses=refusals(NotFound),
)
async def explain_object(monitored_id: UUID, db: Reading, language: InLanguage) -> Explanation:
    """Tell why an object's risks were tagged, and why they were called gone."""
    return await explanations.of_object(db, monitored_id, language)
