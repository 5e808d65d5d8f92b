"""What the other services are told of a measure."""

from __future__ import annotations

from services.monitoring.assistance.model import Measure
from shared.contracts.monitoring import MeasureChanged
from shared.database import Writer


async def tell_measure(db: Writer, measure: Measure) -> None:
    """Save a changed measure, and tell of it."""
    await db.flush()
    db.record(MeasureChanged.model_validate(measure, from_attributes=True))
