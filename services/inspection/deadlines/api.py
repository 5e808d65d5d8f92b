"""Deadlines over HTTP: the rules, and a finding's timeline."""

from __future__ import annotations

from uuid import UUID

from services.inspection.deadlines.rules import RuleSet, rule_sets
from services.inspection.deadlines.timeline import Timeline, timeline_of
from services.inspection.findings.model import Finding
from services.inspection.findings.queries import story_of
from shared.database import Page
from shared.refusal import NotFound
from shared.web import Reading, Router, refusals, requires

router = Router(prefix="/findings", tags=["整改时限 deadlines"])


@router.get("/deadline-rules", dependencies=[requires("findings:read")])
async def list_rules() -> Page[RuleSet]:
    """List the rules by which deadlines act, oldest first."""
    return Page(items=list(rule_sets()))


@router.get("/{finding_id}/timeline", dependencies=[requires("findings:read")], responses=refusals(NotFound))
async def timeline(finding_id: UUID, db: Reading) -> Timeline:
    """Show the finding's steps with the working days that each took, its marks and escalations."""
    changes = await story_of(db, finding_id)
    return timeline_of(await db.get(Finding, finding_id), changes, db.today)
