"""Inspection, assembled."""

from __future__ import annotations

from services.inspection.assignments.api import router as assignments
from services.inspection.attachments.queries import ATTACHMENTS
from services.inspection.campaigns.api import router as campaigns
from services.inspection.checklists.api import router as checklists
from services.inspection.checks.api import router as checks
from services.inspection.deadlines.api import router as deadlines
from services.inspection.deadlines.job import DEADLINES
from services.inspection.dispatches.api import router as dispatches
from services.inspection.dispatches.job import WEEKLY_DISPATCH
from services.inspection.feedback.api import router as feedback
from services.inspection.findings.api import router as findings
from services.inspection.objects.api import router as objects
from services.inspection.reactions import REACTIONS
from services.inspection.replicas.upserts import DIVISIONS, GRIDS, HOUSEHOLDS, MONITORED
from services.inspection.tables import Row
from services.inspection.tallies.job import FOLD_TALLIES
from services.inspection.teams.api import router as teams
from services.inspection.trainings.api import router as trainings
from services.inspection.visits.api import router as visits
from shared.assembly import Service
from shared.attachments.api import attachments_router
from shared.attachments.job import sweeping

SERVICE = Service(
    name="inspection",
    title="排查 · Inspection",
    metadata=Row.metadata,
    routers=[
        checklists,
        campaigns,
        teams,
        trainings,
        assignments,
        dispatches,
        visits,
        objects,
        checks,
        deadlines,
        feedback,
        findings,
        attachments_router("/attachments", "照片、签名与材料 attachments"),
    ],
    reactions=REACTIONS,
    attachments=ATTACHMENTS,
    schedules=[DEADLINES, WEEKLY_DISPATCH, FOLD_TALLIES, sweeping("inspection")],
    replicas=[DIVISIONS, GRIDS, HOUSEHOLDS, MONITORED],
)
