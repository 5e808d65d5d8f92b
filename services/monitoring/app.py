"""Monitoring, assembled."""

from __future__ import annotations

from services.monitoring.applications.api import router as applications
from services.monitoring.applications.job import TAKE_UP_APPLICATIONS
from services.monitoring.archive.api import router as archive
from services.monitoring.assistance.api import router as assistance
from services.monitoring.assistance.measures_api import router as measures
from services.monitoring.assistance.support_api import router as support
from services.monitoring.cases.api import router as cases
from services.monitoring.classes.api import router as classes
from services.monitoring.clues.api import router as clues
from services.monitoring.comparisons.api import router as comparisons
from services.monitoring.comparisons.batches_api import router as batches
from services.monitoring.comparisons.datasets_api import router as datasets
from services.monitoring.comparisons.job import COMPARE
from services.monitoring.comparisons.objects_api import router as confirmations
from services.monitoring.comparisons.people import ASK_OF_PEOPLE
from services.monitoring.comparisons.retention import RETENTION
from services.monitoring.comparisons.review import REVIEW
from services.monitoring.comparisons.withdrawal import WITHDRAW
from services.monitoring.credits.api import router as credits_router
from services.monitoring.credits.job import CREDITS_OVERDUE
from services.monitoring.doubts.api import router as doubts
from services.monitoring.followups.api import of_objects_router as object_follow_ups, router as follow_ups
from services.monitoring.followups.job import KEEP_TURNS
from services.monitoring.gaps.api import router as gaps
from services.monitoring.gaps.job import HELP_OVERDUE
from services.monitoring.monitored.api import router as monitored
from services.monitoring.monitored.procedures_api import router as procedures
from services.monitoring.overdue.job import OVERDUE
from services.monitoring.papers.queries import PAPERS
from services.monitoring.posts.api import router as posts
from services.monitoring.reactions import REACTIONS
from services.monitoring.replicas.upserts import DIVISIONS, HOUSEHOLDS
from services.monitoring.rulebook.api import hits_router as rule_hits, router as rules
from services.monitoring.rulebook.explanations_api import router as explanations
from services.monitoring.rulebook.job import NIGHTLY as NIGHTLY_SCREENING, SCREENING
from services.monitoring.stability_reviews.api import router as stability_reviews
from services.monitoring.stability_reviews.job import STABILITY_REVIEW
from services.monitoring.tables import Row
from shared.assembly import Service
from shared.attachments.api import attachments_router
from shared.attachments.job import sweeping

SERVICE = Service(
    name="monitoring",
    title="监测帮扶 · Monitoring",
    metadata=Row.metadata,
    # Gaps first: their ``/monitored/gaps`` is no object's id.
    routers=[
        *(applications, clues, cases, gaps, assistance, monitored, procedures, object_follow_ups, archive),
        *(measures, follow_ups, classes, support, credits_router, posts),
        *(rules, rule_hits, explanations, stability_reviews, doubts),
        *(datasets, comparisons, batches, confirmations),
        attachments_router("/papers", "档案材料 papers"),
    ],
    reactions=REACTIONS,
    attachments=PAPERS,
    jobs=[COMPARE, REVIEW, WITHDRAW, ASK_OF_PEOPLE, SCREENING, STABILITY_REVIEW],
    schedules=[
        *(KEEP_TURNS, OVERDUE, TAKE_UP_APPLICATIONS, NIGHTLY_SCREENING),
        *(RETENTION, CREDITS_OVERDUE, HELP_OVERDUE),
        sweeping("monitoring"),
    ],
    replicas=[DIVISIONS, HOUSEHOLDS],
)
