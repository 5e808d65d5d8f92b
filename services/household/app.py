"""The household service, wired."""

from __future__ import annotations

from services.household.boundaries.api import router as boundaries_router
from services.household.boundaries.job import BOUNDARIES_DUE, CARRY_OUT_BOUNDARIES
from services.household.changes.api import router as changes_router
from services.household.codes.api import router as codes_router
from services.household.consents.api import router as consents_router
from services.household.corrections.api import router as corrections_router
from services.household.divisions.api import router as divisions_router
from services.household.duplicates.api import router as duplicates_router
from services.household.duplicates.job import FIND_DUPLICATES
from services.household.exports.api import router as exports_router
from services.household.grids.api import router as grids_router
from services.household.households.api import router as households_router
from services.household.imports.api import router as imports_router
from services.household.imports.job import IMPORT
from services.household.incomes.api import router as incomes_router
from services.household.officials.api import router as officials_router
from services.household.quality.api import router as quality_router
from services.household.quality.gauges import show_quality
from services.household.quality.job import NIGHTLY, QUALITY_CHECKS
from services.household.reactions import REACTIONS
from services.household.search.api import router as search_router
from services.household.snapshot import SNAPSHOT
from services.household.story.api import router as story_router
from services.household.tables import Row
from shared.assembly import Service

SERVICE = Service(
    name="household",
    title="农户登记 Household registry",
    metadata=Row.metadata,
    # Imports and exports first: their paths would otherwise be taken for a household's id; likewise divisions' changes.
    routers=[
        imports_router,
        exports_router,
        households_router,
        changes_router,
        story_router,
        duplicates_router,
        corrections_router,
        incomes_router,
        officials_router,
        consents_router,
        search_router,
        quality_router,
        boundaries_router,
        divisions_router,
        grids_router,
        codes_router,
    ],
    reactions=REACTIONS,
    jobs=[IMPORT, FIND_DUPLICATES, CARRY_OUT_BOUNDARIES, QUALITY_CHECKS],
    schedules=[BOUNDARIES_DUE, NIGHTLY],
    gauges=[show_quality],
    snapshot=SNAPSHOT,
)
