"""Monitoring, assembled."""

from __future__ import annotations

from services.monitoring.clues.api import router as clues
from services.monitoring.reactions import REACTIONS
from services.monitoring.tables import Row
from shared.assembly import Service

SERVICE = Service(
    name="monitoring",
    title="监测帮扶 · Monitoring",
    metadata=Row.metadata,
    routers=[clues],
    reactions=REACTIONS,
)
