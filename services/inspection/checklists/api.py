"""Checklists over HTTP."""

from __future__ import annotations

from services.inspection.checklists.catalog import UnknownChecklist, checklist_of, checklists
from services.inspection.checklists.model import Checklist
from shared.database import Page
from shared.refusal import NotFound
from shared.web import Router, refusals, requires

router = Router(prefix="/checklists", tags=["排查清单 checklists"])


@router.get("", dependencies=[requires("campaigns:read")])
async def list_all() -> Page[Checklist]:
    """List all versions with their areas and items, oldest first."""
    return Page(items=list(checklists().values()))


@router.get("/{version}", dependencies=[requires("campaigns:read")], responses=refusals(NotFound))
async def get_one(version: str) -> Checklist:
    """Show one version."""
    try:
        return checklist_of(version)
    except UnknownChecklist as unknown:
        raise NotFound from unknown
