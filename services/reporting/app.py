"""The reporting service, wired."""

from __future__ import annotations

from services.reporting.figures.api import router as figures_router
from services.reporting.reactions import REACTIONS
from services.reporting.self_inspections.api import router as self_inspections_router
from services.reporting.tables import Row
from shared.assembly import Service

SERVICE = Service(
    name="reporting",
    title="统计与报告 Reporting",
    metadata=Row.metadata,
    # The reports with a path of their own come first: the figures take every other name.
    routers=[self_inspections_router, figures_router],
    reactions=REACTIONS,
)
